-- Waiting contacts of the flat format: days are counted to the end of the measured month.
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
    remittenttyp,
    remittent,
    kon,
    aldersgrupp(ar - aldersgrupp) AS aldersgrupp,
    kommun,
    manad(beslut_manad) AS beslut_manad,
    manad(remiss_manad) AS remiss_manad,
    manad(maldatum_manad) AS maldatum_manad,
    CAST(slut AS INT) - CAST(beslut_manad AS INT) AS vantetid_dagar,
    CAST(beslut_manad AS INT) - CAST(remiss_manad AS INT) AS remiss_beslut_dagar,
    CASE
        WHEN slut IS NULL OR beslut_manad IS NULL THEN NULL
        WHEN vardgaranti <> 'JA' OR avvikelse IN ('1', '2') THEN 'EJ_VG'
        WHEN CAST(slut AS INT) - CAST(beslut_manad AS INT) <= $garanti_dagar THEN 'JA'
        ELSE 'NEJ'
    END AS inom_vardgaranti,
    vantetidsintervall(CAST(slut AS INT) - CAST(beslut_manad AS INT)) AS intervall
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
        nullif(remittenttyp, '') AS remittenttyp,
        nullif(remittent_hsaid, '') AS remittent,
        kon,
        heltal(fodelsear) AS aldersgrupp,
        nullif(lkf, '0000') AS kommun,
        datum(beslut_datum) AS beslut_manad,
        datum(remiss_datum) AS remiss_manad,
        datum(matperiod) AS slut,
        datum(medicinskt_maldatum) AS maldatum_manad
    FROM source
    WHERE status = 'VANTANDE'
)
