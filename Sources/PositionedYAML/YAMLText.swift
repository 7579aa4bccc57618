/// The text of a YAML file before it is parsed: what can be said about its bytes and lines.
struct YAMLText {
    private(set) var scalars: [Unicode.Scalar]
    /// Where each line begins.
    private let starts: [Int]

    /// - Throws: `YAMLProblem` for what is not UTF-8.
    init(_ bytes: [UInt8]) throws(YAMLProblem) {
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            throw YAMLProblem(YAMLMark(line: 1, column: 1), "the file is UTF-16; save it as UTF-8")
        }
        let content = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
        guard let text = String(validating: content, as: UTF8.self) else { throw Self.notUTF8(content) }
        scalars = Array(text.unicodeScalars)
        starts = Self.lineStarts(scalars)
    }

    private init(scalars: [Unicode.Scalar], starts: [Int]) {
        self.scalars = scalars
        self.starts = starts
    }

    var text: String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }

    /// Lines end at LF, CR LF or CR.
    private static func lineStarts(_ scalars: [Unicode.Scalar]) -> [Int] {
        var starts = [0]
        for (index, scalar) in scalars.enumerated() {
            switch scalar {
            case "\n": starts.append(index + 1)
            case "\r" where index + 1 == scalars.count || scalars[index + 1] != "\n": starts.append(index + 1)
            default: break
            }
        }
        return starts
    }

    private static func notUTF8(_ bytes: ArraySlice<UInt8>) -> YAMLProblem {
        // Decoding puts the replacement character first where the text stops to be UTF-8.
        let repaired = Array(String(decoding: bytes, as: UTF8.self).unicodeScalars)
        var offset = bytes.startIndex
        var index = 0
        while index < repaired.count {
            let encoded = Array(String(repaired[index]).utf8)
            guard bytes[offset...].starts(with: encoded) else { break }
            offset += encoded.count
            index += 1
        }
        let text = YAMLText(scalars: repaired, starts: lineStarts(repaired))
        return YAMLProblem(text.mark(at: index), "a byte that is not UTF-8; save the file as UTF-8")
    }

    func mark(at offset: Int) -> YAMLMark {
        let line = starts.lastIndex { $0 <= offset } ?? 0
        return YAMLMark(line: line + 1, column: offset - starts[line] + 1)
    }

    private func offset(of mark: YAMLMark) -> Int? {
        guard starts.indices.contains(mark.line - 1) else { return nil }
        let offset = starts[mark.line - 1] + mark.column - 1
        return scalars.indices.contains(offset) ? offset : nil
    }

    /// A line without its end.
    private func line(_ number: Int) -> ArraySlice<Unicode.Scalar> {
        let end = number < starts.count ? starts[number] : scalars.count
        return scalars[starts[number - 1]..<end].prefix { $0 != "\n" && $0 != "\r" }
    }

    /// The tab in the indentation of a line.
    func indentingTab(_ line: Int) -> YAMLMark? {
        guard starts.indices.contains(line - 1) else { return nil }
        let indentation = self.line(line).prefix { $0 == " " || $0 == "\t" }
        return indentation.firstIndex(of: "\t").map { mark(at: $0) }
    }

    /// Lines of `...` alone, as documentation writes them for "more keys". They become comments here.
    ///
    /// At the start of a line that nothing but comments follows, `...` is the end of a document, unless a key before it waits
    /// for its value.
    mutating func takePlaceholders() -> [YAMLMark] {
        var marks: [YAMLMark] = []
        var previous: Unicode.Scalar?
        for number in 1...starts.count {
            let line = self.line(number)
            let word = line.trimmed
            if word.elementsEqual("...".unicodeScalars) || word.elementsEqual("…".unicodeScalars) {
                let isEnd = word.startIndex == line.startIndex && previous != ":" && isRestEmpty(after: number)
                guard !isEnd else { continue }
                marks.append(mark(at: word.startIndex))
                scalars[word.startIndex] = "#"
            } else if let last = word.last, word.first != "#" {
                previous = last
            }
        }
        return marks
    }

    private func isRestEmpty(after number: Int) -> Bool {
        guard number < starts.count else { return true }
        return (number + 1...starts.count).allSatisfy { line($0).trimmed.first.map { $0 == "#" } ?? true }
    }

    /// Gives the key at a place another spelling of the same length, so that a parser that refuses keys given twice goes on.
    ///
    /// - Returns: whether there is a plain or quoted word whose first letter could be replaced.
    mutating func disguiseKey(at mark: YAMLMark, _ number: Int) -> Bool {
        guard var offset = offset(of: mark), let disguise = Unicode.Scalar(0xE000 + UInt32(number)) else {
            return false
        }
        if scalars[offset] == "\"" || scalars[offset] == "'" { offset += 1 }
        guard scalars.indices.contains(offset), scalars[offset].properties.isAlphabetic || scalars[offset] == "_" else {
            return false
        }
        scalars[offset] = disguise
        return true
    }
}

extension ArraySlice<Unicode.Scalar> {
    fileprivate var trimmed: ArraySlice<Unicode.Scalar> {
        func isBlank(_ scalar: Unicode.Scalar) -> Bool { scalar == " " || scalar == "\t" }
        guard let first = firstIndex(where: { !isBlank($0) }), let last = lastIndex(where: { !isBlank($0) }) else {
            return self[endIndex...]
        }
        return self[first...last]
    }
}
