-- Referral and volume cap: none, one or two conditions for each service of a line.
SELECT
    lanskod,
    avtals_id,
    uppdrags_id,
    tjanst_id,
    kod,
    CASE kod WHEN 'remisskrav' THEN 'Remiss krävs' ELSE 'Högsta antal per år' END AS beskrivning,
    CASE kod WHEN 'volymtak' THEN volym END AS varde_max,
    CASE kod WHEN 'volymtak' THEN 'per år' END AS matt,
    giltig_fran,
    giltig_till
FROM (
    SELECT
        lanskod,
        avtals_id,
        uppdrags_id,
        concat(rad, '-', btrim(kva)) AS tjanst_id,
        unnest(make_array(
            CASE WHEN remiss THEN 'remisskrav' END,
            CASE WHEN volym IS NOT NULL THEN 'volymtak' END
        )) AS kod,
        volym,
        giltig_fran,
        giltig_till
    FROM (
        SELECT
            '22' AS lanskod,
            "Avtalsnr" AS avtals_id,
            "Uppdrag" AS uppdrags_id,
            "Tjänst nr" AS rad,
            unnest(string_to_array("KVÅ", ';')) AS kva,
            ja_nej("Remisskrav") AS remiss,
            decimal("Volymtak per år") AS volym,
            datum("Gäller fr.o.m.") AS giltig_fran,
            datum("Gäller t.o.m.") + INTERVAL '1 day' AS giltig_till
        FROM source
    )
)
WHERE kod IS NOT NULL
