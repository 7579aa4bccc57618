internal import OrderedJSON

/// A line that an engine printed.
enum EngineLine: Sendable {
    case json(JSON)
    case text([UInt8])

    /// - Parameter mayBeJSON: whether it was asked to print JSON. Some of what it prints is text even so.
    init(_ bytes: [UInt8], mayBeJSON: Bool) {
        let isObject = mayBeJSON && bytes.first == UInt8(ascii: "{")
        self = (isObject ? try? JSON(parsing: bytes) : nil).map(EngineLine.json) ?? .text(bytes)
    }

    func report(to report: (RunEvent) -> Void) {
        switch self {
        case .json(let line):
            report(.engine(line))
            if let event = RunEvent(resourceOf: line) { report(event) }
        case .text(let bytes):
            let text = String(decoding: bytes, as: UTF8.self).withoutColours
            if !text.isEmpty { report(.text(text)) }
        }
    }
}

extension EngineSummary {
    mutating func read(_ line: EngineLine) {
        switch line {
        case .json(let line): read(line)
        case .text(let bytes): read(bytes)
        }
    }
}
