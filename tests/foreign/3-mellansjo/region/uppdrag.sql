SELECT '05' AS lanskod, "KO_NUMMER" AS avtals_id, CAST("UP_ID" AS VARCHAR) AS uppdrags_id, best AS bestallare_orgnr, utf AS utforare_orgnr,
    utf_namn AS utforare_namn, "UP_FOM" AS giltig_fran, NULLIF("UP_TOM", DATE '9999-12-31') + INTERVAL '1 day' AS giltig_till FROM source
