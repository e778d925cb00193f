SELECT
    '25' AS lanskod, "AVTNR" AS avtals_id, '1' AS uppdrags_id, "RADNR" AS tjanst_id,
    CASE WHEN ja_nej("REMKD") THEN 'remisskrav' END AS kod, 'Remiss krävs' AS beskrivning,
    datum("STADT") AS giltig_fran, datum("SLUDT") + INTERVAL '1 day' AS giltig_till
FROM source
WHERE "REMKD" <> 'N'
