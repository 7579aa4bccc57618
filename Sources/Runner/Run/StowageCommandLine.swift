/// A command that a message tells people to run, as they would type it into a shell.
struct StowageCommandLine: CustomStringConvertible {
    let description: String

    init(_ words: [String], namespace: String, _ clusterOptions: [String]) {
        description = (["stowage"] + words + ["--namespace", namespace] + clusterOptions).map(Self.quoted)
            .joined(separator: " ")
    }

    private static func quoted(_ word: String) -> String {
        let isPlain = word.wholeMatch(of: #/[A-Za-z0-9_\/.+@%:,=-]+/#) != nil
        return isPlain ? word : "'\(word.replacing("'", with: #"'\''"#))'"
    }
}
