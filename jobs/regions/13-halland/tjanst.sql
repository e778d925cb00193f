SELECT
    '13' AS lanskod, "Avtalsnummer" AS avtals_id, '1' AS uppdrags_id, "Tjänst" AS tjanst_id, kva("Åtgärd") AS kva,
    datum("Start") AS giltig_fran, datum("Start") + CAST(CAST(heltal("Längd (mån)") AS VARCHAR) || ' months' AS INTERVAL) AS giltig_till
FROM source
