SELECT hsa_id, namn, vardgivare_orgnr, lanskod, kommunkod, verksamhetskod
FROM source
