SELECT '20' AS lanskod, "Avtal nr" AS avtals_id, '1' AS uppdrags_id, "Beställarens org.nr" AS bestallare_orgnr,
    "Organisationsnummer" AS utforare_orgnr, "Utförarens namn" AS utforare_namn, datum("Gäller från") AS giltig_fran,
    datum("Gäller till") + INTERVAL '1 day' AS giltig_till FROM source
