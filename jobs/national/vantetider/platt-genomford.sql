-- Completed contacts of the flat format. Ages, months and day counts are computed here; birth year,
-- dates, referral id and the plain contact id stop here. The inner columns have the names of the
-- national columns that they serve, so that a date that cannot be read is reported under one of them.
SELECT
    lanskod,
    kontakt,
    manad,
    fas,
    mvo,
    aktivitet,
    kva,
    icd,
    vardgaranti,
    avvikelse,
    region,
    vardgivare,
    vardenhet,
    enhet,
    sjukhus,
    sjukhus_namn,
    bokningssatt,
    vardkontakttyp,
    yrkeskategori,
    akutverksamhet,
    remittenttyp,
    remittent,
    kon,
    aldersgrupp(ar - aldersgrupp) AS aldersgrupp,
    kommun,
    manad(beslut_manad) AS beslut_manad,
    manad(remiss_manad) AS remiss_manad,
    manad(start_manad) AS start_manad,
    manad(maldatum_manad) AS maldatum_manad,
    CAST(start_manad AS INT) - CAST(beslut_manad AS INT) AS vantetid_dagar,
    CAST(start_manad AS INT) - CAST(remiss_manad AS INT) AS patientresa_dagar,
    CAST(beslut_manad AS INT) - CAST(remiss_manad AS INT) AS remiss_beslut_dagar,
    CASE
        WHEN start_manad IS NULL OR beslut_manad IS NULL THEN NULL
        WHEN vardgaranti <> 'JA' OR avvikelse = '1' THEN 'EJ_VG'
        WHEN CAST(start_manad AS INT) - CAST(beslut_manad AS INT) <= $garanti_dagar THEN 'JA'
        ELSE 'NEJ'
    END AS inom_vardgaranti,
    vantetidsintervall(CAST(start_manad AS INT) - CAST(beslut_manad AS INT)) AS intervall
FROM (
    SELECT
        lanskod(regionkod, 'skr') AS lanskod,
        pseudonym('vardkontakt', vardkontakt_id) AS kontakt,
        substr(matperiod, 1, 7) AS manad,
        heltal(substr(matperiod, 1, 4)) AS ar,
        fas,
        mvo_kod AS mvo,
        nullif(aktivitetskod, '') AS aktivitet,
        kva(aktivitet_kva) AS kva,
        icd10(aktivitet_icd) AS icd,
        CASE
            WHEN upper(vardgaranti) IN ('1', 'J', 'JA', 'T', 'TRUE') THEN 'JA'
            WHEN upper(vardgaranti) IN ('2', 'N', 'NEJ', 'F', 'FALSE') THEN 'NEJ'
            ELSE vardgaranti
        END AS vardgaranti,
        nullif(avvikelsekod, '') AS avvikelse,
        hsaid_region AS region,
        hsaid_vardgivare AS vardgivare,
        hsaid_vardenhet AS vardenhet,
        hsaid_enhet AS enhet,
        sjukhuskod AS sjukhus,
        sjukhusnamn AS sjukhus_namn,
        nullif(bokningssatt, '') AS bokningssatt,
        nullif(vardkontakttyp, '') AS vardkontakttyp,
        nullif(yrkeskategori, '') AS yrkeskategori,
        nullif(typ_akutverksamhet, '') AS akutverksamhet,
        nullif(remittenttyp, '') AS remittenttyp,
        nullif(remittent_hsaid, '') AS remittent,
        kon,
        heltal(fodelsear) AS aldersgrupp,
        nullif(lkf, '0000') AS kommun,
        datum(beslut_datum) AS beslut_manad,
        datum(remiss_datum) AS remiss_manad,
        datum(start_datum) AS start_manad,
        datum(medicinskt_maldatum) AS maldatum_manad
    FROM source
    WHERE status = 'GENOMFORD'
)
