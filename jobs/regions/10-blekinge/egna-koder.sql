SELECT
    'blekinge_tjanst' AS fran_system,
    "EGEN_KOD" AS fran_kod,
    'kva' AS till_system,
    kva("KVA") AS till_kod,
    "GRAD" AS grad
FROM source
