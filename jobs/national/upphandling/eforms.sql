-- Codes of the eForms SDK in the words that Upphandlingsmyndigheten's open data has for them.
SELECT
    procedure_id AS upphandlings_id,
    lot_id AS anbudsomrade_id,
    pseudonym('leverantor', winner_name) AS leverantor,
    winner_name AS leverantor_namn,
    ja_nej(winner_natural_person) AS leverantor_fysisk_person,
    CASE winner_size WHEN 'micro' THEN 'Mikroföretag' WHEN 'small' THEN 'Små företag' WHEN 'medium' THEN 'Medelstora företag'
        WHEN 'large' THEN 'Stora företag' ELSE winner_size END AS leverantor_storlek,
    buyer_orgnr AS kopare_orgnr,
    buyer_name AS kopare_namn,
    -- A regional authority names its county by its name; its number may be mistyped.
    CASE WHEN buyer_type = 'ra' THEN lanskod(buyer_name) END AS lanskod,
    title AS titel,
    datum(substr(issued, 1, 10)) AS publicerad,
    heltal(substr(issued, 1, 4)) AS ar,
    CASE nature WHEN 'services' THEN 'Tjänster' WHEN 'supplies' THEN 'Varor' WHEN 'works' THEN 'Byggentreprenader'
        ELSE nature END AS upphandlingsslag,
    cpv,
    CASE legal_basis WHEN '32014L0024' THEN 'Direktiv 2014/24/EU' WHEN '32014L0025' THEN 'Direktiv 2014/25/EU'
        WHEN '32014L0023' THEN 'Direktiv 2014/23/EU' ELSE legal_basis END AS rattslig_grund,
    CASE "procedure" WHEN 'open' THEN 'Öppet förfarande' WHEN 'restricted' THEN 'Selektivt förfarande' ELSE "procedure" END AS forfarande,
    CASE WHEN framework IS NULL THEN NULL WHEN framework = 'none' THEN 'Kontrakt' ELSE 'Ramavtal' END AS avtalstyp,
    dynamic_purchasing <> 'none' AS dynamiskt_inkopssystem,
    ja_nej(auction) AS elektronisk_auktion,
    CAST(lots AS INT) > 1 AS anbudsomraden
FROM source
