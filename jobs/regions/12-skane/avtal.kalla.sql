-- Asked of the region's own database.
SELECT a.AvtalNr, a.Diarienr, a.Benamning, t.Namn AS Avtalstyp, a.Form, l.OrgNr, l.Namn AS Leverantor,
       a.Tecknat, a.GallerFran, a.GallerTill, a.Takbelopp
FROM Vardavtal AS a
LEFT JOIN Leverantor AS l ON l.LevId = a.LevId
LEFT JOIN Avtalstyp AS t ON t.TypId = a.TypId
