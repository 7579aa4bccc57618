/// A version 4 UUID, lower case.
func randomUID() -> String {
    var bytes = (0..<16).map { _ in UInt8.random(in: 0 ... .max) }
    bytes[6] = bytes[6] & 0x0F | 0x40
    bytes[8] = bytes[8] & 0x3F | 0x80
    let digits = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
    return [0..<4, 4..<6, 6..<8, 8..<10, 10..<16].map { digits[$0].joined() }.joined(separator: "-")
}

/// A name from a prefix, as Kubernetes makes it: five letters that spell no word.
func randomName(prefix: String) -> String {
    let letters = Array("bcdfghjklmnpqrstvwxz2456789")
    return String(prefix.prefix(58)) + String((0..<5).map { _ in letters[Int.random(in: letters.indices)] })
}
