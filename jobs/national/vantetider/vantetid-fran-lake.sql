-- The statistics of the region's own contacts: a row for each month, unit, activity and kind of contact.
WITH genomforda AS (
    SELECT
        manad,
        lanskod,
        vardenhet AS enhet,
        coalesce(aktivitet, '00000') AS aktivitet,
        fas AS kontakttyp,
        CASE WHEN min(mvo) = max(mvo) THEN min(mvo) END AS mvo,
        count(*) AS antal_genomforda,
        count(*) FILTER (WHERE inom_vardgaranti = 'JA') AS antal_ja,
        count(*) FILTER (WHERE inom_vardgaranti = 'NEJ') AS antal_nej,
        count(*) FILTER (WHERE inom_vardgaranti = 'EJ_VG') AS antal_ej_vg,
        median(CAST(vantetid_dagar AS DOUBLE)) AS median_dagar,
        avg(vantetid_dagar) AS medel_dagar,
        count(*) FILTER (WHERE intervall = '0-30') AS genomforda_0_30,
        count(*) FILTER (WHERE intervall = '31-60') AS genomforda_31_60,
        count(*) FILTER (WHERE intervall = '61-90') AS genomforda_61_90,
        count(*) FILTER (WHERE intervall = '91-120') AS genomforda_91_120,
        count(*) FILTER (WHERE intervall = '121-180') AS genomforda_121_180,
        count(*) FILTER (WHERE intervall = '181-365') AS genomforda_181_365,
        count(*) FILTER (WHERE intervall = '366+') AS genomforda_366_plus
    FROM genomford
    GROUP BY 1, 2, 3, 4, 5
),
vantar AS (
    SELECT
        manad,
        lanskod,
        vardenhet AS enhet,
        coalesce(aktivitet, '00000') AS aktivitet,
        fas AS kontakttyp,
        CASE WHEN min(mvo) = max(mvo) THEN min(mvo) END AS mvo,
        count(*) AS antal_vantande,
        count(*) FILTER (WHERE inom_vardgaranti <> 'EJ_VG') AS antal_vantande_vg,
        count(*) FILTER (WHERE inom_vardgaranti = 'JA') AS vantande_inom,
        median(CAST(vantetid_dagar AS DOUBLE)) AS vantande_median_dagar,
        avg(vantetid_dagar) AS vantande_medel_dagar,
        count(*) FILTER (WHERE intervall = '0-30') AS vantande_0_30,
        count(*) FILTER (WHERE intervall = '31-60') AS vantande_31_60,
        count(*) FILTER (WHERE intervall = '61-90') AS vantande_61_90,
        count(*) FILTER (WHERE intervall = '91-120') AS vantande_91_120,
        count(*) FILTER (WHERE intervall = '121-180') AS vantande_121_180,
        count(*) FILTER (WHERE intervall = '181-365') AS vantande_181_365,
        count(*) FILTER (WHERE intervall = '366+') AS vantande_366_plus
    FROM vantande
    GROUP BY 1, 2, 3, 4, 5
)
SELECT
    coalesce(g.manad, v.manad) AS manad,
    coalesce(g.lanskod, v.lanskod) AS lanskod,
    coalesce(g.enhet, v.enhet) AS enhet,
    coalesce(g.aktivitet, v.aktivitet) AS aktivitet,
    coalesce(g.kontakttyp, v.kontakttyp) AS kontakttyp,
    CASE WHEN g.mvo IS NULL OR v.mvo IS NULL OR g.mvo = v.mvo THEN coalesce(g.mvo, v.mvo) END AS mvo,
    coalesce(antal_genomforda, 0) AS antal_genomforda,
    coalesce(antal_ja, 0) AS antal_ja,
    coalesce(antal_nej, 0) AS antal_nej,
    coalesce(antal_ej_vg, 0) AS antal_ej_vg,
    -- No share where the denominator is 0.
    CAST(antal_ja AS DOUBLE) / nullif(antal_ja + antal_nej, 0) AS andel_inom,
    median_dagar,
    medel_dagar,
    genomforda_0_30,
    genomforda_31_60,
    genomforda_61_90,
    genomforda_91_120,
    genomforda_121_180,
    genomforda_181_365,
    genomforda_366_plus,
    coalesce(antal_vantande, 0) AS antal_vantande,
    antal_vantande_vg,
    vantande_inom,
    vantande_median_dagar,
    vantande_medel_dagar,
    vantande_0_30,
    vantande_31_60,
    vantande_61_90,
    vantande_91_120,
    vantande_121_180,
    vantande_181_365,
    vantande_366_plus
FROM genomforda AS g
FULL JOIN vantar AS v
    ON g.manad = v.manad AND g.lanskod = v.lanskod AND g.enhet = v.enhet
    AND g.aktivitet = v.aktivitet AND g.kontakttyp = v.kontakttyp
