SELECT 'avtal' AS agare_typ, concat('10/', avt_nr) AS agare_id, 'avtal' AS syfte, telefon(kont_tel) AS telefon, kont_epost AS epost FROM source
