-- The portal knows no commissions: each contract is one.
SELECT '22' AS lanskod, "Diarienr" AS avtals_id, '1' AS uppdrags_id, "BestallarOrgNr" AS bestallare_orgnr, "OrgNr" AS utforare_orgnr,
    "Namn" AS utforare_namn, "StartDatum" AS giltig_fran, "SlutDatum" + INTERVAL '1 day' AS giltig_till
FROM source
