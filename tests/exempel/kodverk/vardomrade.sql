SELECT omrade, system, kod, namn, giltig_fran, giltig_till
FROM source
