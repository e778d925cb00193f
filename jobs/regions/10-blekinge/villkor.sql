SELECT
    lanskod,
    avtals_id,
    uppdrags_id,
    tjanst_id,
    kod,
    CASE kod WHEN 'remisskrav' THEN 'Remiss krävs' ELSE 'Högsta antal per år' END AS beskrivning,
    CASE kod WHEN 'volymtak' THEN decimal(volym) END AS varde_max,
    CASE kod WHEN 'volymtak' THEN 'per år' END AS matt,
    giltig_fran,
    giltig_till
FROM (
    SELECT
        '10' AS lanskod,
        "AVTAL_ID" AS avtals_id,
        "UPPDRAG" AS uppdrags_id,
        "TJANST_NR" AS tjanst_id,
        unnest(make_array(
            CASE WHEN "REMISS" = 'J' THEN 'remisskrav' END,
            CASE WHEN "VOLYM" <> '' THEN 'volymtak' END
        )) AS kod,
        "VOLYM" AS volym,
        datum("STARTDATUM") AS giltig_fran,
        datum("SLUTDATUM") + INTERVAL '1 day' AS giltig_till
    FROM source
)
WHERE kod IS NOT NULL
