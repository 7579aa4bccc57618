/// Which of the warnings about a request its answer carries.
///
/// Source: k8s.io/apiserver/pkg/endpoints/filters/warning.go.
enum Warnings {
    private static let lengthOfAll = 4096
    private static let lengthOfEach = 256

    /// Each text once; when they are too long together, the first ones, cut short.
    static func told(_ warnings: [String]) -> [String] {
        var seen: Set<String> = []
        let texts = warnings.filter { seen.insert($0).inserted }
        guard texts.reduce(0, { $0 + $1.count }) > lengthOfAll else { return texts }
        var told: [String] = []
        var length = 0
        for text in texts {
            let short = text.count > lengthOfEach ? "\(text.prefix(lengthOfEach))..." : text
            length += short.count
            guard length <= lengthOfAll else { break }
            told.append(short)
        }
        return told
    }
}
