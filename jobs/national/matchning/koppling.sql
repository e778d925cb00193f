-- The source has the national columns.
SELECT kalla, kalla_nyckel, roll, lanskod, malslag, utfall, metod, orgnr, enhet, orgnr_nu, enhet_nu, poang, nast_orgnr,
       nast_enhet, nast_poang, skal, vikt
FROM source
