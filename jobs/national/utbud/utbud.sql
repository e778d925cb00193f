SELECT
    orgnr,
    enhet,
    nr AS utbud_id,
    kva(kva) AS kva,
    vardomrade,
    beskrivning,
    motesform,
    villkor,
    datum(fran) AS giltig_fran
FROM source
