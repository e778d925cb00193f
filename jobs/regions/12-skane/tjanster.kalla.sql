-- Asked of the region's own database.
SELECT t.AvtalNr, t.Rad, t.Atgard, t.Diagnos, t.Tjanst, t.Mote, t.HsaId, t.Remiss, t.Volym, a.GallerFran, a.GallerTill
FROM Tjanst AS t
LEFT JOIN Vardavtal AS a ON a.AvtalNr = t.AvtalNr
