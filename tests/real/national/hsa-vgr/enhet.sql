SELECT
    hsaidentity AS hsa_id,
    ou AS namn,
    vgrorganizationalunitnameshort AS alias,
    'real' AS typ,
    replace(hsabusinessclassificationcode, '$sep', ';') AS verksamhetskoder,
    replace(vgrcaretype, '$sep', ';') AS vardformer,
    hsamanagementcode AS agarform,
    hsacountycode AS lanskod,
    hsamunicipalitycode AS kommunkod,
    labeleduri AS webbadress,
    description AS beskrivning,
    vgrtempinfo AS tillfallig_information,
    tidpunkt(vgrmodifytimestamp) AS andrad_i_kallan,
    datum(hsastartdate) AS giltig_fran
FROM source
