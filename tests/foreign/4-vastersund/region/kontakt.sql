SELECT 'avtal' AS agare_typ, concat('14/', contract_no) AS agare_id, 'avtal' AS syfte, telefon(contact_phone) AS telefon,
    contact_email AS epost FROM source
