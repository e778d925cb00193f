-- Asked of the region's own database. The contract lasts as long as its base and the options that were taken.
SELECT a.avtalnr, a.namn, a.kategori, a.tecknad, b.orgnr AS bestallare, l.orgnr AS leverantor, l.namn AS lev_namn,
       p.fran, p.till, o.till AS option_till, i.rad, i.kva_koder, i.klinik
FROM insats AS i
JOIN avtal AS a ON a.avtalnr = i.avtalnr
JOIN avtalspart AS bp ON bp.avtalnr = a.avtalnr AND bp.roll = 'B' JOIN organisation AS b ON b.org_id = bp.org_id
JOIN avtalspart AS lp ON lp.avtalnr = a.avtalnr AND lp.roll = 'L' JOIN organisation AS l ON l.org_id = lp.org_id
JOIN (SELECT avtalnr, min(fran) AS fran, max(till) AS till FROM avtalsperiod WHERE utlost = 1 GROUP BY avtalnr) AS p
    ON p.avtalnr = a.avtalnr
LEFT JOIN (SELECT avtalnr, max(till) AS till FROM avtalsperiod WHERE utlost = 0 GROUP BY avtalnr) AS o ON o.avtalnr = a.avtalnr
