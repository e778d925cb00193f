SELECT 'gotland_ord' AS fran_system, "Ord" AS fran_kod, 'kva' AS till_system, kva("KVÅ") AS till_kod, "Grad" AS grad
FROM source
