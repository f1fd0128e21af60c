package people

var northAmerican = culture{
	weight: 34,
	given: `James Mary Robert Patricia John Jennifer Michael Linda David Elizabeth William Barbara Richard Susan Joseph
		Jessica Thomas Sarah Christopher Karen Daniel Lisa Matthew Nancy Anthony Sandra Mark Ashley Steven Emily Andrew
		Kimberly Joshua Donna Kevin Michelle Brian Carol Tyrone Latoya DeShawn Aaliyah Mary-Jane Jean-Luc Tre'Von Siobhán`,
	family: `Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Gonzalez Wilson
		Anderson Thomas Taylor Moore Jackson Martin Lee Thompson White Harris Clark Lewis Robinson Walker Young Allen King
		Wright O'Brien McDonald St._John Van_Dyke Smith-Jones Washington Begay Kealoha`,
	places: `
		San Francisco;California/CA/Calif.;941##
		Los Angeles;California/CA/Calif./california;900##
		Sacramento;California/CA/Calif.;958##
		New York;New York/NY/N.Y.;100##
		Buffalo;New York/NY;142##
		Austin;Texas/TX/Tex.;787##
		Houston;Texas/TX;770##-####
		Chicago;Illinois/IL/Ill.;606##
		Boston;Massachusetts/MA/Mass.;021##
		Seattle;Washington/WA/Wash.;981##
		Atlanta;Georgia/GA;303##
		Miami;Florida/FL/Fla.;331##
		Denver;Colorado/CO/Colo.;802##
		Winston-Salem;North Carolina/NC/N.C.;271##
		St. Paul;Minnesota/MN/Minn.;551##`,
	country: "United States/USA/US/U.S.A./United States of America/us",
	phones:  "(###) 555-01##/###-555-01##/###.555.01##/+1 ### 555 01##/1-###-555-01## x###/###55501##/+1(###)555-01## ext. ##",
	streets: "{n} Main Street/{n} Oak Avenue/{n} Market St/{n} N. Lincoln Blvd., Suite {n}/P.O. Box {n}/{n} Elm St\nFloor {n}/One Harbor Plaza",
	suffix:  "Inc./LLC/Corp./, Inc./Co./Group/& Sons",
}

var canadian = culture{
	weight: 4,
	given: `Liam Olivia Noah Charlotte Gabriel Zoé Étienne Chloé Félix Maëlle Logan Hannah Raphaël Camille Owen Sophie
		Tristan Noémie Connor Maude`,
	family: `Tremblay Gagnon Roy Côté Bouchard Gauthier Morin Lavoie Fortin Gagné MacKenzie Campbell Fraser Singh Chan
		Bélanger Lévesque O'Neill Bergeron Pelletier`,
	places: `
		Montréal;Québec/QC/Quebec/PQ;H#@ #@#
		Québec;Québec/QC;G#@ #@#
		Toronto;Ontario/ON/Ont.;M#@ #@#
		Ottawa;Ontario/ON;K#@ #@#
		Vancouver;British Columbia/BC/B.C.;V#@ #@#
		Calgary;Alberta/AB/Alta.;T#@ #@#`,
	country: "Canada/CA/CAN",
	phones:  "(514) 555-01##/+1 416 555-01##/604.555.01##/1 613 555 01## poste ##",
	streets: "{n} rue Saint-Denis/{n}, boul. René-Lévesque O./{n} Bay Street/{n} King St W, Unit {n}",
	suffix:  "Inc./Ltée/Ltd./et Fils",
}

var latinAmerican = culture{
	weight: 5,
	given: `Santiago Valentina Mateo Sofía Sebastián Isabella Nicolás Camila José Luisa Joaquín Renata Andrés Ximena
		Íñigo Belén María_José Juan_Carlos Emiliano Guadalupe`,
	family: `Hernández García Martínez López González Pérez Rodríguez Sánchez Ramírez Cruz Flores Gómez Núñez Peña
		Muñoz_Vega de_la_Cruz Ibáñez Zúñiga Ordóñez Castillo`,
	places: `
		Ciudad de México;CDMX/D.F./Ciudad de México;0####
		Guadalajara;Jalisco/JAL;44###
		Monterrey;Nuevo León/NL/N.L.;64###
		Tijuana;Baja California/BC/B.C.;22###`,
	country: "Mexico/México/MX/MEX",
	phones:  "+52 55 5555 ####/(55) 5555-####/01 55 5555 ####/55 5555 ####",
	streets: "Av. Insurgentes Sur {n}/Calle 5 de Mayo No. {n}/Paseo de la Reforma {n}, Piso {n}",
	suffix:  "S.A. de C.V./S. de R.L./y Hermanos",
}

var brazilian = culture{
	weight: 4,
	given: `João Ana Pedro Beatriz Lucas Letícia Guilherme Larissa Mateus Júlia Gustavo Conceição Thiago Luíza Antônio
		Fernanda Vinícius Débora Caetano Iracema`,
	family: `Silva Santos Oliveira Souza Lima Pereira Ferreira Costa Gonçalves Araújo da_Silva dos_Santos Magalhães
		Brandão Simões Guimarães Assunção Falcão Nóbrega Leitão`,
	places: `
		São Paulo;SP/São Paulo;0####-###
		Rio de Janeiro;RJ/Rio de Janeiro;2####-###
		Belo Horizonte;MG/Minas Gerais;3####-###
		Florianópolis;SC/Santa Catarina;88###-###`,
	country: "Brazil/Brasil/BR",
	phones:  "+55 11 95555-####/(11) 5555-####/011 5555 ####/+55 (21) 95555 ####",
	streets: "Rua Augusta, {n}/Av. Paulista, {n} - cj. {n}/Praça da Sé {n}",
	suffix:  "Ltda./S.A./e Filhos ME",
}
