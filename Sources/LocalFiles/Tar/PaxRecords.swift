/// The records of an extended header: `LENGTH KEY=VALUE\n`, where the length counts the whole record.
///
/// Source: POSIX.1-2017, `pax`, "pax Extended Header".
struct PaxRecords: Hashable {
    /// Free text that programs pass over.
    static let comment = "comment"
    static let path = "path"
    static let size = "size"
    static let linkTarget = "linkpath"

    var values: [(key: String, value: String)]

    subscript(key: String) -> String? { values.last { $0.key == key }?.value }

    init(values: [(key: String, value: String)] = []) { self.values = values }

    /// - Returns: nil for anything else.
    init?(_ bytes: [UInt8]) {
        values = []
        var rest = bytes[...]
        while !rest.isEmpty {
            guard let space = rest.firstIndex(of: UInt8(ascii: " ")),
                let length = Int(String(decoding: rest[..<space], as: UTF8.self)),
                length <= rest.count, length > space - rest.startIndex + 1
            else { return nil }
            let record = rest[(space + 1)..<(rest.startIndex + length)]
            guard record.last == UInt8(ascii: "\n"), let equals = record.firstIndex(of: UInt8(ascii: "=")) else {
                return nil
            }
            values.append(
                (
                    String(decoding: record[..<equals], as: UTF8.self),
                    String(decoding: record[(equals + 1)...].dropLast(), as: UTF8.self)
                ))
            rest = rest[(rest.startIndex + length)...]
        }
    }

    var bytes: [UInt8] {
        values.flatMap { key, value in
            let text = " \(key)=\(value)\n"
            // The length counts its own digits.
            var length = text.utf8.count
            while "\(length)".utf8.count + text.utf8.count != length {
                length = "\(length)".utf8.count + text.utf8.count
            }
            return Array("\(length)\(text)".utf8)
        }
    }

    static func == (left: PaxRecords, right: PaxRecords) -> Bool { left.values.elementsEqual(right.values, by: ==) }

    func hash(into hasher: inout Hasher) { for (key, value) in values { hasher.combine([key, value]) } }
}
