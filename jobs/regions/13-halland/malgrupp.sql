SELECT
    '13' AS lanskod, "Avtalsnummer" AS avtals_id, '1' AS uppdrags_id, "Tjänst" AS tjanst_id, 'alder' AS kod,
    concat('Ålder ', "Åldersgräns", ' år') AS beskrivning, decimal(split_part("Åldersgräns", '-', 1)) AS varde_min,
    decimal(split_part("Åldersgräns", '-', 2)) AS varde_max, 'år' AS matt,
    datum("Start") AS giltig_fran, datum("Start") + CAST(CAST(heltal("Längd (mån)") AS VARCHAR) || ' months' AS INTERVAL) AS giltig_till
FROM source
WHERE "Åldersgräns" <> ''
