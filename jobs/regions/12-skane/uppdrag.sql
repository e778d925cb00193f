-- Skåne knows no commissions: each contract is one.
SELECT
    '12' AS lanskod,
    "AvtalNr" AS avtals_id,
    '1' AS uppdrags_id,
    '2321000255' AS bestallare_orgnr,
    "OrgNr" AS utforare_orgnr,
    "Leverantor" AS utforare_namn,
    datum("GallerFran") AS giltig_fran,
    datum("GallerTill") + INTERVAL '1 day' AS giltig_till
FROM source
