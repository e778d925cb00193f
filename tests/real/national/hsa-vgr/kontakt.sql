-- The public numbers and the switchboard. No e-mail: some are persons'.
SELECT
    'enhet' AS agare_typ,
    agare_id,
    syfte,
    telefon(telefon) AS telefon
FROM (
    SELECT
        agare_id,
        substr(rad, 1, strpos(rad, ':') - 1) AS syfte,
        substr(rad, strpos(rad, ':') + 1) AS telefon
    FROM (
        SELECT
            hsaidentity AS agare_id,
            unnest(array_concat(
                string_to_array(concat('allmanhet:', replace(hsapublictelephonenumber, '$sep', '$sepallmanhet:')), '$sep'),
                string_to_array(concat('vaxel:', replace(hsasedfswitchboardtelephoneno, '$sep', '$sepvaxel:')), '$sep')
            )) AS rad
        FROM source
    )
)
WHERE telefon <> ''
