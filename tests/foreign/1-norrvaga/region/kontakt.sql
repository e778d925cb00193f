-- Telephone and address, never the person's name.
SELECT 'avtal' AS agare_typ, concat('22/', "Diarienr") AS agare_id, 'avtal' AS syfte, telefon("KontaktTelefon") AS telefon,
    "KontaktEpost" AS epost FROM source
