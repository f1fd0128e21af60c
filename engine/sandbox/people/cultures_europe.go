package people

var british = culture{
	weight: 9,
	given: `Oliver Amelia George Isla Harry Ava Noah Mia Jack Ivy Leo Freya Arthur Florence Alfie Poppy Rhys Niamh Angus
		Zoë Hamish Priya Imran Gwenllian`,
	family: `Smith Jones Taylor Williams Evans Davies Wilson Roberts Johnson Walker Wright Robinson Patel Khan Hughes
		O'Sullivan MacLeod Fitzgerald Cholmondeley-Warner ap_Rhys Brontë Begum Featherstonehaugh Lloyd`,
	places: `
		London;Greater London/London/;SW#@ #@@
		Manchester;Greater Manchester/Gtr Manchester;M## #@@
		Edinburgh;Midlothian/Scotland;EH# #@@
		Newcastle upon Tyne;Tyne and Wear/Tyne & Wear;NE# #@@
		Cardiff;;CF## #@@
		Stoke-on-Trent;Staffordshire/Staffs;ST# #@@`,
	country: "United Kingdom/UK/Great Britain/GB/England/U.K.",
	phones:  "020 7946 0###/+44 20 7946 0###/+44 (0)161 496 0###/0161 496 0###/0131-496-0###/07700 900###",
	streets: "{n} High Street/Flat {n}, {n} Station Road/The Old Mill, Church Lane/Unit {n}, Riverside Business Park",
	suffix:  "Ltd/Ltd./plc/LLP/& Partners",
}

var german = culture{
	weight: 10,
	given: `Lukas Anna Maximilian Lena Jürgen Käthe Günther Bärbel Sören Jörg Hans-Peter Annegret Björn Gösta Mia Paul
		Felix Hannah Jonas Sophie Ömer Ayşe Karl-Heinz Löwe`,
	family: `Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer Richter Klein
		Wolf Schröder Neumann Schwarz Zimmermann Krüger Groß Weiß Böhm von_der_Heide zu_Guttenfels Müller-Lüdenscheidt Yılmaz`,
	places: `
		Berlin;Berlin/BE;1####
		München;Bayern/BY/Bavaria;80###
		Hamburg;Hamburg/HH;20###
		Köln;Nordrhein-Westfalen/NRW/NW/North Rhine-Westphalia;50###
		Düsseldorf;Nordrhein-Westfalen/NRW;40###
		Frankfurt am Main;Hessen/HE;60###
		Saarbrücken;Saarland;66###`,
	country: "Germany/Deutschland/DE/D/GERMANY",
	phones:  "+49 30 23125 ###/030 23125-###/(089) 23125###/0049 40 23125 ###/+49 (0)221 23125-###/030 23125###",
	streets: "Hauptstraße {n}/Bahnhofstr. {n}a/Königsallee {n}/Am Süßbach {n}/Postfach {n}",
	suffix:  "GmbH/AG/GmbH & Co. KG/KG/e.V./& Söhne",
}

var french = culture{
	weight: 7,
	given: `Gabriel Louise Léo Emma Raphaël Jade Arthur Alice Jules Chloé François Zoé Jean-Baptiste Anaïs Benoît Hélène
		Loïc Maëlys Cécile Noël Théo Aïcha Jérôme Océane`,
	family: `Martin Bernard Dubois Thomas Robert Richard Petit Durand Leroy Moreau Lefèvre Legrand D'Artagnan de_La_Tour
		Béranger Müller Hervé Crépin L'Hôte Benaïssa Guérin Château Maçon Lemaître`,
	places: `
		Paris;Île-de-France/Ile de France/IDF;750##
		Lyon;Auvergne-Rhône-Alpes/Rhône;6900#
		Marseille;Provence-Alpes-Côte d'Azur/PACA;130##
		Saint-Étienne;Auvergne-Rhône-Alpes;42000
		Orléans;Centre-Val de Loire;45000`,
	country: "France/FR/FRANCE",
	phones:  "+33 1 99 00 ## ##/01 99 00 ## ##/01.99.00.##.##/+33(0)1990012##/0199001###",
	streets: "{n} rue de la Paix/{n} bis, avenue Foch/{n}, bd Haussmann/Z.I. Les Chênes, bât. {n}",
	suffix:  "SARL/SA/SAS/et Cie/& Fils",
}

var dutch = culture{
	weight: 5,
	given:  `Daan Anna Sem Julia Bram Mila Lars Sanne Thijs Femke Jeroen Marijke Pieter Noor Joost Maartje Wouter Liselotte Coen Renée`,
	family: `de_Jong Jansen de_Vries van_den_Berg Bakker van_Dijk Visser Smit Meijer de_Boer Mulder de_Groot Bos Vos
		van_'t_Hoff ter_Braak Dijkstra IJzerman van_der_Meer Koçak`,
	places: `
		Amsterdam;Noord-Holland/NH/North Holland;10## @@
		Rotterdam;Zuid-Holland/ZH;30## @@
		's-Hertogenbosch;Noord-Brabant/NB;52## @@
		Utrecht;Utrecht;35## @@
		Groningen;;97## @@`,
	country: "Netherlands/The Netherlands/Nederland/NL/Holland",
	phones:  "+31 20 555 ####/020-555####/(020) 555 ## ##/0031 10 555####/06-55555###",
	streets: "Keizersgracht {n}/Kade {n}-hs/Laan van Meerdervoort {n}/Postbus {n}",
	suffix:  "B.V./BV/N.V./V.O.F./en Zonen",
}

var spanish = culture{
	weight: 4,
	given:  `Hugo Lucía Martín Sofía Álvaro Martina Íker Begoña Íñigo Núria Jesús Ángeles Óscar Mercè Xosé Montserrat Ramón Inés Andrés Pilar`,
	family: `García Fernández González Rodríguez López Martínez Sánchez Pérez Gómez Martín Jiménez Ruiz_Díaz Muñoz
		Álvarez Etxeberria Puig_i_Cadafalch Núñez_de_Balboa Castaño Ordóñez Güell`,
	places: `
		Madrid;Madrid/M;280##
		Barcelona;Barcelona/Cataluña/Catalunya;080##
		A Coruña;Galicia/La Coruña;150##
		San Sebastián;Guipúzcoa/Gipuzkoa;200##`,
	country: "Spain/España/ES/Espana",
	phones:  "+34 91 555 ## ##/915 55 ## ##/91 555 ####/0034 93 555 ####",
	streets: "Calle de Alcalá, {n}, {n}º izq./C. Mayor {n}/Avda. Diagonal {n}/Plaza de España s.n.",
	suffix:  "S.L./S.A./e Hijos",
}

var italian = culture{
	weight: 4,
	given:  `Leonardo Giulia Francesco Aurora Niccolò Sofia Lorenzo Ginevra Tommaso Chiara Gabriele Beatrice Andrea Noemi Matteo Elèna Luca Viola Nicolò Àngela`,
	family: `Rossi Russo Ferrari Esposito Bianchi Romano Colombo Ricci Marino Greco D'Angelo De_Luca Dell'Acqua Nardò
		Lo_Presti Cantù Fò Bonaccorsi Degl'Innocenti Morè`,
	places: `
		Milano;MI/Milano/Lombardia;201##
		Roma;RM/Roma/Lazio;001##
		Torino;TO/Piemonte;101##
		Forlì;FC/Emilia-Romagna;471##`,
	country: "Italy/Italia/IT/ITALY",
	phones:  "+39 02 5555 ####/02 5555####/06 5555###/+39 (011) 555-####",
	streets: "Via Roma {n}/Corso Garibaldi, {n}b/Piazza del Duomo {n}",
	suffix:  "S.r.l./S.p.A./e Figli",
}

var nordic = culture{
	weight: 5,
	given:  `William Astrid Oskar Åsa Søren Bjørn Jørgen Ägir Örjan Sigríður Þór Maja Elias Ebba Håkon Ingrid Väinö Päivi Mikko Aino`,
	family: `Andersson Hansen Johansen Nielsen Østergård Ångström Sørensen Lindqvist Bjørnsson Kjær Nygård Virtanen
		Mäkelä Hämäläinen Jónsdóttir Guðmundsson Öberg Skårup Rød af_Klercker`,
	places: `
		Stockholm;Stockholms län/;1## ##
		København K;;1###
		Oslo;;0###
		Malmö;Skåne län/Skåne;2## ##
		Århus C;;8###`,
	country: "Sweden/Sverige/SE/SWEDEN",
	phones:  "+46 8 555 ### ##/08-555 ### ##/+45 55 55 ## ##/+47 555 ## ###/0046(0)8555####",
	streets: "Storgatan {n}/Nørregade {n}, {n}. tv./Karl Johans gate {n}/Box {n}",
	suffix:  "AB/ApS/AS/Oy",
}

var polish = culture{
	weight: 4,
	given:  `Jakub Zuzanna Łukasz Małgorzata Paweł Agnieszka Michał Katarzyna Stanisław Grażyna Wojciech Żaneta Józef Elżbieta Radosław Świętosława Bartłomiej Róża Krzysztof Bożena`,
	family: `Nowak Kowalski Wiśniewska Wójcik Kowalczyk Kamińska Lewandowski Zieliński Szymańska Woźniak Dąbrowski
		Kozłowska Jabłoński Mazur Brzęczyszczykiewicz Łęcka Żuławski Ćwikła Śmigły-Rydz Gżegżółka`,
	places: `
		Warszawa;mazowieckie/Mazowieckie/MAZ;00-###
		Kraków;małopolskie/Małopolska;30-###
		Łódź;łódzkie;90-###
		Wrocław;dolnośląskie;50-###`,
	country: "Poland/Polska/PL",
	phones:  "+48 22 555 ## ##/22 555 ## ##/(22) 555-##-##/0048 12 555 ####",
	streets: "ul. Długa {n}/ul. Żeromskiego {n} m. {n}/al. Jerozolimskie {n}",
	suffix:  "Sp. z o.o./S.A./i Synowie",
}

var central = culture{
	weight: 3,
	given:  `Jiří Božena Tomáš Lenka Ondřej Markéta László Erzsébet Győző Ágnes Matěj Kateřina Ľubomír Žofia Ștefan Ioana Đorđe Željka Luděk Vendulka`,
	family: `Novák Svobodová Dvořák Černá Procházka Kučerová Nagy Szabó Tóth Kovács Őry Kőműves Popescu Țurcanu Ďurica
		Horváthová Živković Đukić Řezníček Šťastný`,
	places: `
		Praha;Hlavní město Praha/Praha/Prague;1## 00
		Brno;Jihomoravský kraj;6## 00
		Ústí nad Labem;;4## 01
		České Budějovice;;370 ##`,
	country: "Czech Republic/Czechia/Česko/CZ/Česká republika",
	phones:  "+420 255 5## ###/255 5## ###/00420-2555#####",
	streets: "Václavské náměstí {n}/Na Příkopě {n}/Dlouhá třída {n}",
	suffix:  "s.r.o./a.s./Kft.",
}

var turkish = culture{
	weight: 2,
	given:  `Yusuf Zeynep Eymen Elif Ömer Defne Çağlar Şule İbrahim Ayşegül Uğur Gülşen Ilgaz Ezgi Tolga Özlem Barış Ceyda Onur İpek`,
	family: `Yılmaz Kaya Demir Çelik Şahin Yıldız Öztürk Aydın Özdemir Arslan Doğan Kılıç Çetin Güneş Işık Üçüncü
		Gökçe İnönü Şimşek Karaağaç`,
	places: `
		İstanbul;İstanbul/Istanbul;34###
		Ankara;Ankara;06###
		İzmir;İzmir/Izmir;35###`,
	country: "Turkey/Türkiye/TR/TURKEY",
	phones:  "+90 212 555 ## ##/0212 555 ## ##/(0312) 555 ####/+90(532)555####",
	streets: "İstiklal Cad. No: {n}/Atatürk Bulvarı {n} Kat {n}/Şehit Mah. {n}. Sok.",
	suffix:  "A.Ş./Ltd. Şti./ve Oğulları",
}
