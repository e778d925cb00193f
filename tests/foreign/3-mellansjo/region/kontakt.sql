SELECT 'avtal' AS agare_typ, concat('05/', "KO_NUMMER") AS agare_id, 'avtal' AS syfte,
    telefon(split_part("KO_KONTAKT", ', ', 2)) AS telefon, split_part("KO_KONTAKT", ', ', 3) AS epost FROM source
