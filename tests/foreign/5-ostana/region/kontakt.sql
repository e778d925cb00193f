SELECT 'avtal' AS agare_typ, concat('20/', "Avtal nr") AS agare_id, 'avtal' AS syfte,
    telefon(split_part(split_part("Kontakt hos utföraren", ' tfn ', 2), ' / ', 1)) AS telefon,
    split_part("Kontakt hos utföraren", ' / ', 2) AS epost FROM source
