//! Decodes a file. Its encoding is detected, because files rarely declare it, or chosen by the user.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::Refused;
use crate::decode::{Strays, with_strays};

/// The encodings that the user can choose: the name for [`Encoding::for_label`], and the label.
pub const ENCODINGS: [(&str, &str); 32] = [
    ("UTF-8", "Unicode (UTF-8)"),
    ("UTF-16LE", "Unicode (UTF-16)"),
    ("UTF-16BE", "Unicode (UTF-16, big-endian)"),
    ("windows-1252", "Western (Windows-1252)"),
    ("ISO-8859-15", "Western (ISO-8859-15)"),
    ("macintosh", "Western (Mac)"),
    ("windows-1250", "Central European (Windows-1250)"),
    ("ISO-8859-2", "Central European (ISO-8859-2)"),
    ("windows-1257", "Baltic (Windows-1257)"),
    ("ISO-8859-13", "Baltic (ISO-8859-13)"),
    ("ISO-8859-4", "Baltic (ISO-8859-4)"),
    ("windows-1251", "Cyrillic (Windows-1251)"),
    ("KOI8-R", "Cyrillic (KOI8-R)"),
    ("KOI8-U", "Cyrillic (KOI8-U)"),
    ("IBM866", "Cyrillic (DOS)"),
    ("ISO-8859-5", "Cyrillic (ISO-8859-5)"),
    ("x-mac-cyrillic", "Cyrillic (Mac)"),
    ("windows-1253", "Greek (Windows-1253)"),
    ("ISO-8859-7", "Greek (ISO-8859-7)"),
    ("windows-1254", "Turkish (Windows-1254)"),
    ("windows-1255", "Hebrew (Windows-1255)"),
    ("ISO-8859-8", "Hebrew (ISO-8859-8)"),
    ("windows-1256", "Arabic (Windows-1256)"),
    ("ISO-8859-6", "Arabic (ISO-8859-6)"),
    ("windows-874", "Thai (Windows-874)"),
    ("windows-1258", "Vietnamese (Windows-1258)"),
    ("Shift_JIS", "Japanese (Shift_JIS)"),
    ("EUC-JP", "Japanese (EUC-JP)"),
    ("ISO-2022-JP", "Japanese (ISO-2022-JP)"),
    ("GBK", "Chinese (GBK, GB18030)"),
    ("Big5", "Chinese (Big5)"),
    ("EUC-KR", "Korean (EUC-KR)"),
];

/// Returns the label of an encoding.
pub fn encoding_label(encoding: &'static Encoding) -> &'static str {
    let found = ENCODINGS.iter().find(|(name, _)| *name == encoding.name());
    found.map_or(encoding.name(), |(_, label)| label)
}

/// How it is known what a file is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// A byte order mark says so.
    Marked,
    /// Its bytes are possible in this encoding alone, or the same in all.
    Certain,
    /// It was guessed.
    Guessed,
    /// The user has chosen it.
    Chosen,
}

/// The bytes of a file and what they are written in.
///
/// In all of the encodings that are left here line breaks and separators are single bytes of ASCII: UTF-16 and
/// ISO-2022-JP have been turned into UTF-8.
pub(super) struct Source {
    /// The bytes, without a byte order mark.
    pub data: Vec<u8>,
    /// The encoding of the bytes.
    pub encoding: &'static Encoding,
    /// The encoding of the file.
    pub written_in: &'static Encoding,
    /// How the encoding was determined.
    pub known: Known,
}

/// Looks at a file that is being uploaded, whether there is any text in it.
///
/// # Errors
/// The file is empty, a workbook, or no text.
pub fn probe(data: &[u8]) -> Result<(), Refused> {
    if data.iter().all(|byte| byte.is_ascii_whitespace() || *byte == END_OF_FILE) {
        return Err(Refused::Empty);
    }
    if data.starts_with(b"PK\x03\x04") || data.starts_with(b"\xd0\xcf\x11\xe0") {
        return Err(Refused::Workbook);
    }
    let has_mark = Encoding::for_bom(data).is_some();
    let is_text =
        has_mark || !data.contains(&0) || utf_16(data).is_some() || std::str::from_utf8(data).is_ok();
    if is_text { Ok(()) } else { Err(Refused::NotText) }
}

/// How many bytes of lines with letters beyond ASCII are looked at to find out what they are written in.
const DETECTED_MAX: usize = 64 * 1024;

/// Ctrl-Z, with which old programs end a text.
const END_OF_FILE: u8 = 0x1a;

impl Source {
    /// Finds out what a file is written in.
    ///
    /// What was chosen decides, then a byte order mark. Without either it is UTF-8 if nearly all of it can be, UTF-16 if
    /// every other byte is zero, and otherwise what its letters look like in the languages of the world.
    ///
    /// # Errors
    /// The file is empty, a workbook, no text, or not written in what it says.
    pub(super) fn of(mut data: Vec<u8>, chosen: Option<&'static Encoding>) -> Result<Self, Refused> {
        probe(&data)?;
        let mark = Encoding::for_bom(&data);
        if let Some((_, length)) = mark {
            data.drain(..length);
        }
        let (encoding, known) = match (chosen, mark) {
            (Some(chosen), _) => (chosen, Known::Chosen),
            (None, Some((marked, _))) => (marked, Known::Marked),
            (None, None) => guess(&data),
        };
        let mut source = Self { data, encoding, written_in: encoding, known };
        if !encoding.is_ascii_compatible() {
            source.data = source.decoded()?.into_bytes();
            source.encoding = UTF_8;
        }
        while source.data.last().is_some_and(|last| matches!(*last, END_OF_FILE | 0)) {
            source.data.pop();
        }
        Ok(source)
    }

    /// The whole of it as text.
    ///
    /// # Errors
    /// The bytes are invalid in the chosen or declared encoding.
    pub(super) fn into_text(mut self) -> Result<(String, Option<Strays>), Refused> {
        if self.encoding != UTF_8 {
            return Ok((self.decoded()?, None));
        }
        match String::from_utf8(std::mem::take(&mut self.data)) {
            Ok(text) => Ok((text, None)),
            Err(error) => Ok(with_strays(error.as_bytes())),
        }
    }

    fn decoded(&self) -> Result<String, Refused> {
        let (text, has_errors) = self.encoding.decode_without_bom_handling(&self.data);
        if has_errors { Err(Refused::Damaged(encoding_label(self.encoding))) } else { Ok(text.into_owned()) }
    }
}

fn utf_16(data: &[u8]) -> Option<&'static Encoding> {
    let start = &data[..data.len().min(4096)];
    let zeros = |from: usize| start.iter().skip(from).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd, most) = (zeros(0), zeros(1), start.len() / 2 * 3 / 4);
    if odd > most && even == 0 {
        Some(UTF_16LE)
    } else if even > most && odd == 0 {
        Some(UTF_16BE)
    } else {
        None
    }
}

fn guess(data: &[u8]) -> (&'static Encoding, Known) {
    const ESCAPE: u8 = 0x1b;
    if let Some(encoding) = utf_16(data) {
        return (encoding, Known::Certain);
    }
    if std::str::from_utf8(data).is_ok() && !data.contains(&ESCAPE) {
        return (UTF_8, Known::Certain);
    }
    // A byte that is not UTF-8 among letters that are is a mistake of one program; in other encodings hardly any two
    // letters in a row happen to be UTF-8.
    let (mut letters, mut strays) = (0_usize, 0_usize);
    for chunk in data.utf8_chunks() {
        letters += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        strays += usize::from(!chunk.invalid().is_empty());
    }
    if strays > 0 && letters >= strays {
        return (UTF_8, Known::Guessed);
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    let mut room = DETECTED_MAX;
    for line in data.split_inclusive(|byte| *byte == b'\n') {
        let line = &line[..line.len().min(room)];
        if line.iter().any(|byte| !byte.is_ascii() || *byte == ESCAPE) {
            detector.feed(line, false);
            room -= line.len();
        }
    }
    detector.feed(b"", true);
    (detector.guess(country(data).as_deref(), Utf8Detection::Deny), Known::Guessed)
}

/// The country in whose domain most of the first e-mail addresses are, which says what a file is likely to be written in.
fn country(data: &[u8]) -> Option<Vec<u8>> {
    let mut found: Vec<(Vec<u8>, usize)> = Vec::new();
    let domains = data.split(|byte| *byte == b'@').skip(1).take(200).filter_map(|after| {
        let is_domain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
        let domain = &after[..after.iter().take_while(|byte| is_domain(byte)).count()];
        domain.rsplit(|byte| *byte == b'.').next().filter(|label| label.len() < domain.len())
    });
    for label in domains.filter(|label| label.len() == 2 && label.iter().all(u8::is_ascii_alphabetic)) {
        let label = label.to_ascii_lowercase();
        match found.iter_mut().find(|(known, _)| *known == label) {
            Some((_, count)) => *count += 1,
            None => found.push((label, 1)),
        }
    }
    found.into_iter().max_by_key(|(_, count)| *count).map(|(label, _)| label)
}

#[cfg(test)]
mod tests {
    use encoding_rs::WINDOWS_1252;

    use super::*;

    fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[track_caller]
    fn read(data: Vec<u8>) -> (String, &'static str, Known) {
        let source = Source::of(data, None).unwrap();
        let (name, known) = (source.written_in.name(), source.known);
        (source.into_text().unwrap().0, name, known)
    }

    #[test]
    fn every_encoding_on_offer_is_one() {
        for (name, _) in ENCODINGS {
            assert_eq!(Encoding::for_label(name.as_bytes()).unwrap().name(), name);
        }
    }

    #[test]
    fn what_is_certain_is_not_guessed() {
        let text = "name;e-mail\r\nJ\u{f6}rg \u{20ac};j@example.com\r\n";
        let mark = format!("\u{feff}{text}");
        for (data, encoding, known) in [
            (text.as_bytes().to_vec(), "UTF-8", Known::Certain),
            (mark.as_bytes().to_vec(), "UTF-8", Known::Marked),
            (utf16(&mark, u16::to_le_bytes), "UTF-16LE", Known::Marked),
            (utf16(&mark, u16::to_be_bytes), "UTF-16BE", Known::Marked),
            (utf16(text, u16::to_le_bytes), "UTF-16LE", Known::Certain),
            (utf16(text, u16::to_be_bytes), "UTF-16BE", Known::Certain),
        ] {
            assert_eq!(read(data), (text.to_owned(), encoding, known));
        }
    }

    #[test]
    fn short_lists_in_many_encodings_are_read() {
        for (text, encoding) in [
            ("name;email\r\nJ\u{f6}rg M\u{fc}ller;j@example.de\r\n", "windows-1252"),
            ("name;email\r\nAmélie Noël;a@example.fr\r\nZoé;z@example.com", "windows-1252"),
            ("Imię;Nazwisko;E-mail\r\nŁukasz;Żółć;a@example.pl\r\n", "windows-1250"),
            ("name;email;phone\r\nИван Петров;a@example.ru;12345\r\n", "windows-1251"),
            ("name;email\r\nАнна Каренина;a@example.com\r\nЛев Мышкин;l@example.com\r\n", "KOI8-U"),
            ("name,email\r\nΓιώργος Παπαδόπουλος,g@example.gr\r\n", "windows-1253"),
            ("name,email\r\nAyşe Yıldız,a@example.tr\r\nÇağrı Şahin,c@example.tr\r\n", "windows-1254"),
            ("name,email,phone\r\n田中太郎,a@example.com,03-1234-5678\r\n", "Shift_JIS"),
            ("name,email\r\n山田花子,h@example.jp\r\n佐藤さくら,s@example.jp\r\n", "EUC-JP"),
            ("姓名,email\r\n王小明,w@example.cn\r\n李娜,l@example.cn\r\n", "GBK"),
            ("姓名,email\r\n陳大文,c@example.tw\r\n林志玲,l@example.tw\r\n", "Big5"),
            ("이름,email\r\n김철수,k@example.kr\r\n박영희,p@example.kr\r\n", "EUC-KR"),
        ] {
            let label = Encoding::for_label(encoding.as_bytes()).unwrap();
            let data = label.encode(text).0.into_owned();
            let (read, _, known) = read(data);
            assert_eq!((&*read, known), (text, Known::Guessed), "{encoding}");
        }
        let japanese =
            Encoding::for_label(b"iso-2022-jp").unwrap().encode("name\r\n田中太郎\r\n").0.into_owned();
        assert_eq!(read(japanese).0, "name\r\n田中太郎\r\n");
    }

    #[test]
    fn a_byte_that_strayed_into_utf_8_does_not_change_the_rest() {
        let data = b"name\nJ\xc3\xb6rg\nZo\xeb\n".to_vec();
        let (text, strays) = Source::of(data, None).unwrap().into_text().unwrap();
        assert_eq!(
            (text.as_str(), strays),
            ("name\nJ\u{f6}rg\nZo\u{eb}\n", Some(Strays { count: 1, line: 3 }))
        );
        assert_eq!(read(b"\xef\xbb\xbfname\xff".to_vec()).0, "name\u{ff}");
    }

    #[test]
    fn what_was_chosen_decides_or_is_refused() {
        let shift_jis = Encoding::for_label(b"shift_jis").unwrap();
        let data = shift_jis.encode("田").0.into_owned();
        let source = Source::of(data.clone(), Some(shift_jis)).unwrap();
        assert_eq!((source.known, source.into_text().unwrap().0.as_str()), (Known::Chosen, "田"));
        assert_eq!(Source::of(data, Some(WINDOWS_1252)).unwrap().into_text().unwrap().0, "\u{201c}c");
        let wrong = Source::of(b"ab\x81".to_vec(), Some(shift_jis)).unwrap().into_text();
        assert_eq!(wrong.err(), Some(Refused::Damaged("Japanese (Shift_JIS)")));
    }

    #[test]
    fn the_end_of_an_old_text_is_left_out() {
        assert_eq!(read(b"name\r\nAnn\r\n\x1a".to_vec()).0, "name\r\nAnn\r\n");
        assert_eq!(read(b"name\r\n\x1a\x00\x00".to_vec()).0, "name\r\n");
        assert_eq!(Source::of(b"\x1a".to_vec(), None).err(), Some(Refused::Empty));
    }

    #[test]
    fn what_is_no_text_is_refused() {
        for (data, why) in [
            (&b""[..], Refused::Empty),
            (b" \r\n\t", Refused::Empty),
            (b"PK\x03\x04rest of a workbook", Refused::Workbook),
            (b"\x89PNG\r\n\x1a\n\x00\x00\x00\xff\xfe\x00", Refused::NotText),
            (b"\xff\xfea\x00b\x00\x00\xd8", Refused::Damaged("Unicode (UTF-16)")),
        ] {
            assert_eq!(Source::of(data.to_vec(), None).err(), Some(why));
        }
    }
}
