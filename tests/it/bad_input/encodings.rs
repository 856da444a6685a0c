//! Files that are too large, too deep, or no text; and files that look odd and
//! are fine.

use super::case::{Case, file};
use crate::program::component;

pub(super) const CASES: &[Case] = &[
    file("utf-16", || utf16(u16::to_le_bytes, true), "bad.yaml:1:1: error[encoding-utf16]: the file is encoded in UTF-16
  accepted: UTF-8
  fix: save the file as UTF-8"),
    file("utf-16-big-endian", || utf16(u16::to_be_bytes, true), "bad.yaml:1:1: error[encoding-utf16]: the file is encoded in UTF-16
  accepted: UTF-8
  fix: save the file as UTF-8"),
    file("utf-16-without-mark", || utf16(u16::to_be_bytes, false), "bad.yaml:1:1: error[binary-file]: the file holds a NUL byte; it is no text file
  accepted: YAML or JSON text in UTF-8
  fix: point the location to a YAML file, or save the file as UTF-8"),
    file("latin-1", || owned_by(b"\xe9quipe"), "bad.yaml:8:10: error[encoding-invalid-utf8]: the file is not valid UTF-8: byte 0xe9 does not fit here
  accepted: UTF-8
  fix: save the file as UTF-8 (an editor may have used Latin-1, Windows-1252 or EUC-KR)"),
    file("euc-kr", || owned_by(b"team-\xb0\xe1\xc1\xa6"), "bad.yaml:8:15: error[encoding-invalid-utf8]: the file is not valid UTF-8: byte 0xb0 does not fit here
  accepted: UTF-8
  fix: save the file as UTF-8 (an editor may have used Latin-1, Windows-1252 or EUC-KR)"),
    file("png", || b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(), "bad.yaml:3:1: error[binary-file]: the file holds a NUL byte; it is no text file
  accepted: YAML or JSON text in UTF-8
  fix: point the location to a YAML file, or save the file as UTF-8"),
    file("gzip", || b"\x1f\x8b\x08\x08abc\x03".to_vec(), "bad.yaml:1:2: error[encoding-invalid-utf8]: the file is not valid UTF-8: byte 0x8b does not fit here
  accepted: UTF-8
  fix: save the file as UTF-8 (an editor may have used Latin-1, Windows-1252 or EUC-KR)"),
    file("a-byte-too-large", || padded(10_485_761), "bad.yaml: error[file-too-large]: the file has 10485761 bytes, which is more than the limit of 10 MiB
  accepted: at most 10 MiB
  fix: split the file, or move large definitions into files of their own and refer to them with `$text`"),
    file("far-too-large", || padded(12_000_000), "bad.yaml: error[file-too-large]: the file has 12000000 bytes, which is more than the limit of 10 MiB
  accepted: at most 10 MiB
  fix: split the file, or move large definitions into files of their own and refer to them with `$text`"),
    file("deep-mappings", || spec_of(&format!("{}1{}", "{a: ".repeat(200), "}".repeat(200))), "bad.yaml:5:403: error[yaml-too-deep]: the document is nested deeper than 100 levels
  accepted: at most 100 levels of lists and mappings
  fix: flatten the document"),
    file("deep-open-lists", || spec_of(&"[".repeat(100_000)), "bad.yaml:5:262: error[yaml-too-deep]: the document is nested deeper than 100 levels
  accepted: at most 100 levels of lists and mappings
  fix: flatten the document"),
    file("alias-bomb", alias_bomb, "bad.yaml:11:22: error[yaml-alias-bomb]: the aliases of the document stand for more than 500000 values
  accepted: at most 500000 keys and values in one document once aliases are expanded
  fix: remove aliases of values that hold aliases themselves"),
    // Fine, although they look odd.
    file("byte-order-mark", || [b"\xef\xbb\xbf", component("with-mark").as_bytes()].concat(), ""),
    file("windows-line-ends", || component("with-crlf").replace('\n', "\r\n").into_bytes(), ""),
    file("old-mac-line-ends", || component("with-cr").replace('\n', "\r").into_bytes(), ""),
    file("json", || component_as_json().into_bytes(), ""),
    file("just-small-enough", || padded(10_485_760), ""),
    file("empty", Vec::new, ""),
    file("only-comments", || b"# nothing\n# at all\n".to_vec(), ""),
    file("only-markers", || b"---\n---\n...\n---\n".to_vec(), ""),
    file("ten-thousand-empty-documents", || b"---\n".repeat(10_000), ""),
];

fn utf16(bytes: fn(u16) -> [u8; 2], mark: bool) -> Vec<u8> {
    let text = format!("{}{}", if mark { "\u{feff}" } else { "" }, component("x"));
    text.encode_utf16().flat_map(bytes).collect()
}

fn owned_by(owner: &[u8]) -> Vec<u8> {
    let text = component("x").replace("team-a\n", "");
    [text.as_bytes(), owner, b"\n"].concat()
}

/// A good component and a comment that fills the file up to `size` bytes.
fn padded(size: usize) -> Vec<u8> {
    let mut bytes = component("padded").into_bytes();
    bytes.push(b'#');
    bytes.resize(size, b'x');
    bytes
}

fn spec_of(spec: &str) -> Vec<u8> {
    format!(
        "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: x\nspec: {spec}\n"
    )
    .into_bytes()
}

/// Ten to the power of twelve values in a few lines.
fn alias_bomb() -> Vec<u8> {
    let mut text = "\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for at in 1..12 {
        let inner = format!("*a{}", at - 1);
        text.push_str(&format!(
            "  a{at}: &a{at} [{}]\n",
            [inner.as_str(); 10].join(", ")
        ));
    }
    spec_of(&text)
}

fn component_as_json() -> String {
    r#"{"apiVersion": "backstage.io/v1alpha1", "kind": "Component", "metadata": {"name": "as-json"},
        "spec": {"type": "service", "lifecycle": "production", "owner": "team-a"}}"#
        .to_owned()
}
