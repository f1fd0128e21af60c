package people

// The cultures whose names are written in another script than Latin; most of their people appear in either.

var cyrillic = culture{
	weight: 4, native: 55,
	given: `Александр|Aleksandr Анна|Anna Дмитрий|Dmitry Мария|Maria Сергей|Sergei Ольга|Olga Андрей|Andrei
		Екатерина|Ekaterina Юрий|Yuri Ксения|Ksenia Игорь|Igor Любовь|Lyubov Євген|Yevhen Оксана|Oksana Їжак|Yizhak
		Щорс|Shchors Наталія|Nataliia Тарас|Taras Зоряна|Zoriana Фёдор|Fyodor`,
	family: `Иванов|Ivanov Смирнова|Smirnova Кузнецов|Kuznetsov Попова|Popova Соколов|Sokolov Лебедева|Lebedeva
		Шевченко|Shevchenko Коваленко|Kovalenko Бойко|Boyko Ткаченко|Tkachenko Щербаков|Shcherbakov Ёлкина|Yolkina
		Гусев|Gusev Зайцева|Zaitseva Ющенко|Yushchenko Петров-Водкин|Petrov-Vodkin Йовович|Jovovich Димитров|Dimitrov`,
	places: `
		Київ;;01###
		Kyiv;Kyiv City/Київ;04###
		Львів;Львівська область/Lviv Oblast;79###
		София;София-град/Sofia;1###
		Алматы;;0500##`,
	country: "Ukraine/Україна/UA",
	phones:  "+380 44 555 ## ##/(044) 555-##-##/8 044 555####/+359 2 555 ####",
	streets: "вул. Хрещатик, {n}/Khreshchatyk St {n}/бул. Витоша {n}, ет. {n}",
	suffix:  "ТОВ/LLC/ООД/ТзОВ",
}

var greek = culture{
	weight: 2, native: 55,
	given: `Γιώργος|Giorgos Μαρία|Maria Δημήτρης|Dimitris Ελένη|Eleni Κώστας|Kostas Κατερίνα|Katerina Νίκος|Nikos
		Βασιλική|Vasiliki Θεόδωρος|Theodoros Ευαγγελία|Evangelia Χρήστος|Christos Ξανθίππη|Xanthippi Ηλίας|Ilias Ζωή|Zoi`,
	family: `Παπαδόπουλος|Papadopoulos Βλάχου|Vlachou Αγγελόπουλος|Angelopoulos Νικολαΐδου|Nikolaidou
		Γεωργίου|Georgiou Μακρής|Makris Δημητρίου|Dimitriou Χατζηιωάννου|Chatziioannou Ξενάκης|Xenakis Ψαράς|Psaras`,
	places: `
		Αθήνα;Αττική/Attica;10# ##
		Athens;Attica;11# ##
		Θεσσαλονίκη;Κεντρική Μακεδονία/Central Macedonia;54# ##`,
	country: "Greece/Ελλάδα/GR/Hellas",
	phones:  "+30 21 0555 ####/210 555 ####/0030 2310 555###",
	streets: "Ερμού {n}/Leof. Kifisias {n}/Πλ. Συντάγματος {n}",
	suffix:  "Α.Ε./S.A./Ε.Π.Ε.",
}

var arabic = culture{
	weight: 4, native: 50,
	given: `محمد|Mohammed فاطمة|Fatima أحمد|Ahmed عائشة|Aisha عبد_الله|Abdullah مريم|Maryam يوسف|Yousef نور|Noor
		خالد|Khalid ليلى|Layla عمر|Omar سلمى|Salma حسن|Hassan هدى|Huda طارق|Tariq رانيا|Rania إبراهيم|Ibrahim زينب|Zainab`,
	family: `الأحمد|Al-Ahmad العلي|Al-Ali الحسن|Al-Hassan المنصوري|Al-Mansoori بن_سالم|Bin_Salem الشريف|El-Sharif
		حداد|Haddad نصار|Nassar القحطاني|Al-Qahtani أبو_زيد|Abu_Zaid خوري|Khoury المغربي|El-Maghrabi فاروق|Farouk`,
	places: `
		دبي;;
		Dubai;Dubai/DU;
		أبو ظبي;Abu Dhabi/AD;
		القاهرة;القاهرة/Cairo;11###
		Cairo;Cairo Governorate/Cairo;11###
		الرياض;;1####`,
	country: "United Arab Emirates/UAE/الإمارات العربية المتحدة/U.A.E./AE",
	phones:  "+971 4 555 ####/04-555####/00971 50 555 ####/+20 2 5555 ####/٠٤ ٥٥٥ ١٢٣٤",
	streets: "P.O. Box {n}/شارع الشيخ زايد {n}/Sheikh Zayed Road, Tower {n}/{n} شارع التحرير",
	suffix:  "LLC/ش.م.م/FZE/Holding",
}

var hebrew = culture{
	weight: 2, native: 50,
	given: `נועם|Noam תמר|Tamar דוד|David יעל|Yael איתי|Itai מיכל|Michal אורי|Uri שירה|Shira משה|Moshe רחל|Rachel
		עומר|Omer נועה|Noa אלעד|Elad הדס|Hadas`,
	family: `כהן|Cohen לוי|Levi מזרחי|Mizrahi פרץ|Peretz ביטון|Biton דהן|Dahan אברהם|Avraham פרידמן|Friedman
		בן-דוד|Ben-David שפירא|Shapira רוזנברג|Rosenberg אזולאי|Azoulay`,
	places: `
		תל אביב;;6######
		Tel Aviv-Yafo;Tel Aviv;6######
		ירושלים;ירושלים/Jerusalem;9######
		חיפה;;3######`,
	country: "Israel/ישראל/IL",
	phones:  "+972 3 555 ####/03-555-####/054-555####/(02) 555 ####",
	streets: "רחוב דיזנגוף {n}/Rothschild Blvd {n}/שד' רוטשילד {n}, דירה {n}",
	suffix:  "בע\"מ/Ltd.",
}

var chinese = culture{
	weight: 5, native: 50, familyFirst: true,
	given: `伟|Wei 芳|Fang 娜|Na 秀英|Xiuying 敏|Min 静|Jing 丽|Li 强|Qiang 磊|Lei 军|Jun 洋|Yang 勇|Yong 艳|Yan
		杰|Jie 娟|Juan 涛|Tao 建国|Jianguo 雪梅|Xuemei 子涵|Zihan 浩然|Haoran 欣怡|Xinyi 𠮷|Ji`,
	family: `王|Wang 李|Li 张|Zhang 刘|Liu 陈|Chen 杨|Yang 黄|Huang 赵|Zhao 吴|Wu 周|Zhou 徐|Xu 孙|Sun 马|Ma 朱|Zhu
		欧阳|Ouyang 司马|Sima 諸葛|Chu-ko`,
	places: `
		北京;北京市/Beijing;1000##
		Beijing;Beijing;1000##
		上海;上海市/Shanghai;2000##
		Shenzhen;Guangdong/广东省/广东;5180##
		廣州;广东省/Guangdong;5100##`,
	country: "China/中国/CN/P.R. China/PRC",
	phones:  "+86 10 5555 ####/010-5555####/(021) 5555 ####/138 5555 ####/0086-755-5555####",
	streets: "南京东路{n}号/建国路{n}号{n}层/No. {n} Century Avenue, Pudong/中关村大街{n}号",
	suffix:  "有限公司/Co., Ltd./集团",
}

var japanese = culture{
	weight: 4, native: 55, familyFirst: true,
	given: `翔太|Shota 美咲|Misaki 大輔|Daisuke 陽子|Yoko 健|Ken さくら|Sakura 拓也|Takuya 優子|Yuko 直樹|Naoki
		ひろみ|Hiromi 蓮|Ren 結衣|Yui マリア|Maria 一郎|Ichiro 花子|Hanako 隆|Takashi`,
	family: `佐藤|Sato 鈴木|Suzuki 高橋|Takahashi 田中|Tanaka 伊藤|Ito 渡邊|Watanabe 山本|Yamamoto 中村|Nakamura 小林|Kobayashi
		加藤|Kato 𠮷田|Yoshida 髙橋|Takahashi 齋藤|Saito 大谷|Otani 五十嵐|Igarashi`,
	places: `
		千代田区;東京都/Tokyo/東京;100-####
		渋谷区;東京都/Tōkyō;150-####
		Tokyo;Tokyo;〒100-####
		大阪市;大阪府/Osaka;530-####
		札幌市;北海道/Hokkaido;060-####`,
	country: "Japan/日本/JP/JAPAN",
	phones:  "+81 3 5555 ####/03-5555-####/０３－５５５５－１２３４/(06) 5555-####/090-5555-####",
	streets: "丸の内{n}丁目{n}番/{n}-{n} Marunouchi/道玄坂{n}-{n} ビル{n}階",
	suffix:  "株式会社/Co., Ltd./K.K./合同会社",
}

var korean = culture{
	weight: 3, native: 50, familyFirst: true,
	given: `민준|Min-jun 서연|Seo-yeon 지훈|Ji-hoon 지우|Ji-woo 현우|Hyun-woo 수빈|Su-bin 도윤|Do-yun 하은|Ha-eun
		성민|Sung-min 영희|Young-hee 철수|Chul-soo 은지|Eun-ji 재현|Jae-hyun 유나|Yu-na`,
	family: `김|Kim 이|Lee 박|Park 최|Choi 정|Jung 강|Kang 조|Cho 윤|Yoon 장|Jang 임|Lim 한|Han 남궁|Namgung 황보|Hwangbo`,
	places: `
		서울;서울특별시/Seoul;0####
		Seoul;Seoul/서울;0####
		부산;부산광역시/Busan;4####`,
	country: "South Korea/Korea, Republic of/대한민국/KR/Korea",
	phones:  "+82 2 555 ####/02-555-####/010-5555-####/+82-(0)51-555-####",
	streets: "테헤란로 {n}/{n} Teheran-ro, Gangnam-gu/세종대로 {n}길 {n}",
	suffix:  "주식회사/㈜/Co., Ltd.",
}

var indian = culture{
	weight: 5, native: 25,
	given: `आरव|Aarav प्रिया|Priya विवान|Vivaan अनन्या|Ananya अर्जुन|Arjun दीपिका|Deepika रोहन|Rohan कविता|Kavita संजय|Sanjay
		लक्ष्मी|Lakshmi ராஜேஷ்|Rajesh மீனா|Meena শুভ|Shubho অদিতি|Aditi గోపి|Gopi ఉమ|Uma`,
	family: `शर्मा|Sharma वर्मा|Verma गुप्ता|Gupta सिंह|Singh पटेल|Patel मिश्रा|Mishra जोशी|Joshi रेड्डी|Reddy अय्यर|Iyer
		கிருஷ்ணன்|Krishnan চট্টোপাধ্যায়|Chattopadhyay నాయుడు|Naidu कुलकर्णी|Kulkarni देशपांडे|Deshpande`,
	places: `
		Bengaluru;Karnataka/KA/ಕರ್ನಾಟಕ;5600##
		मुंबई;Maharashtra/महाराष्ट्र/MH;4000##
		Mumbai;Maharashtra/MH;4000##
		नई दिल्ली;Delhi/दिल्ली/NCT;1100##
		சென்னை;Tamil Nadu/TN;6000##`,
	country: "India/भारत/IN/INDIA",
	phones:  "+91 80 5555 ####/080-5555####/+91-98555-#####/098555 #####",
	streets: "{n}, MG Road/Plot No. {n}, Sector {n}/{n}-A, Park Street, Opp. Metro",
	suffix:  "Pvt. Ltd./Ltd/& Bros.",
}

var southEastAsian = culture{
	weight: 3, native: 60,
	given: `Nguyễn_Anh|Anh Thị_Hồng|Hong Minh Đức|Duc Hương|Huong Quốc|Quoc สมชาย|Somchai กานดา|Kanda ณัฐพล|Natthaphon
		พิมพ์ชนก|Pimchanok Budi Siti Dewi Agus Ratna Wayan`,
	family: `Nguyễn|Nguyen Trần|Tran Lê|Le Phạm|Pham Hoàng|Hoang Vũ|Vu ใจดี|Jaidee ศรีสุข|Srisuk วงศ์ใหญ่|Wongyai
		Wijaya Santoso Suharto Lestari Pratama`,
	places: `
		Hà Nội;;1#####
		Thành phố Hồ Chí Minh;TP. HCM/Ho Chi Minh City;7#####
		กรุงเทพมหานคร;Bangkok/กรุงเทพฯ;10###
		Jakarta;DKI Jakarta/Jakarta;1####`,
	country: "Vietnam/Việt Nam/VN/Viet Nam",
	phones:  "+84 24 5555 ####/024 5555 ####/+66 2 555 ####/02-555-####/+62 21 5555 ####",
	streets: "{n} Đường Lê Lợi/{n} ถนนสุขุมวิท ซอย {n}/Jl. Sudirman Kav. {n}",
	suffix:  "TNHH/Co., Ltd./บริษัท/PT",
}

// cultures in a fixed order: a World's seed counts on it.
var cultures = [...]*culture{
	&northAmerican, &canadian, &latinAmerican, &brazilian, &british, &german, &french, &dutch, &spanish, &italian, &nordic,
	&polish, &central, &turkish, &cyrillic, &greek, &arabic, &hebrew, &chinese, &japanese, &korean, &indian, &southEastAsian,
}
