-- A service without a demand for referral has no condition; an answer that is neither yes nor no is an error.
SELECT
    lanskod(region) AS lanskod,
    avtal AS avtals_id,
    uppdrag AS uppdrags_id,
    tjanst AS tjanst_id,
    CASE WHEN ja_nej(remisskrav) THEN 'remisskrav' END AS kod,
    'Remiss krävs' AS beskrivning,
    datum(fran) AS giltig_fran,
    datum(tom) + INTERVAL '1 day' AS giltig_till
FROM source
WHERE remisskrav <> 'false'
