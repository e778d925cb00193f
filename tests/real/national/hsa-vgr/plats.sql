-- Up to three addresses of a unit: for visits (with the position), for post, for goods.
SELECT
    enhet,
    platstyp,
    adress_rad(adress) AS adressrad,
    adress_postnummer(adress) AS postnummer,
    adress_ort(adress) AS postort,
    kommunkod,
    lanskod,
    latitud(lage) AS latitud,
    longitud(lage) AS longitud,
    sweref_n(lage) AS sweref99_n,
    sweref_e(lage) AS sweref99_e,
    CASE WHEN lage IS NOT NULL THEN 'rt90' END AS koordinatkalla,
    vagbeskrivning
FROM (
    SELECT
        enhet,
        platstyp,
        CASE platstyp WHEN 'besok' THEN besok WHEN 'post' THEN post ELSE leverans END AS adress,
        CASE WHEN platstyp = 'besok' THEN kommunkod END AS kommunkod,
        CASE WHEN platstyp = 'besok' THEN lanskod END AS lanskod,
        CASE WHEN platstyp = 'besok' THEN lage END AS lage,
        CASE WHEN platstyp = 'besok' THEN vagbeskrivning END AS vagbeskrivning
    FROM (
        SELECT
            hsaidentity AS enhet,
            hsastreetaddress AS besok,
            hsapostaladdress AS post,
            hsasedfdeliveryaddress AS leverans,
            hsamunicipalitycode AS kommunkod,
            hsacountycode AS lanskod,
            hsageographicalcoordinates AS lage,
            hsaroute AS vagbeskrivning,
            unnest(make_array(
                CASE WHEN hsastreetaddress IS NOT NULL OR hsageographicalcoordinates IS NOT NULL THEN 'besok' END,
                CASE WHEN hsapostaladdress IS NOT NULL THEN 'post' END,
                CASE WHEN hsasedfdeliveryaddress IS NOT NULL THEN 'leverans' END
            )) AS platstyp
        FROM source
    )
)
WHERE platstyp IS NOT NULL
