import OrderedJSON
import Testing

@testable import Commands

@Suite struct ClusterChoiceTests {
    private func choice(
        kubeconfig: String? = nil, context: String? = nil, inCluster: Bool = false, embedded: Bool = false,
        clusterDir: String? = nil, environment: [String: String] = [:], files: Set<String> = []
    ) throws -> ClusterChoice {
        try ClusterChoice(
            kubeconfig: kubeconfig, context: context, inCluster: inCluster, embedded: embedded, clusterDir: clusterDir,
            environment: environment, fileExists: files.contains)
    }

    @Test func theOptionWinsOverTheVariableWhichWinsOverTheHome() throws {
        let environment = ["KUBECONFIG": "/a:/b", "HOME": "/h"]
        let files: Set = ["/h/.kube/config"]
        #expect(
            try choice(kubeconfig: "/k", context: "c", environment: environment, files: files)
                == .kubeconfig(paths: ["/k"], context: "c"))
        #expect(try choice(environment: environment, files: files) == .kubeconfig(paths: ["/a", "/b"], context: nil))
        #expect(
            try choice(environment: ["HOME": "/h", "KUBECONFIG": ""], files: files)
                == .kubeconfig(paths: ["/h/.kube/config"], context: nil))
    }

    @Test func whatIsNamedIsTakenWhateverElseIsThere() throws {
        let environment = ["KUBECONFIG": "/a", "HOME": "/h", "XDG_DATA_HOME": "/data"]
        #expect(try choice(inCluster: true, environment: environment) == .inCluster)
        #expect(try choice(embedded: true, environment: environment) == .embedded(folder: "/data/stowage/cluster"))
        #expect(try choice(embedded: true, clusterDir: "/d", environment: environment) == .embedded(folder: "/d"))
    }

    @Test func nothingFoundIsAnErrorAndNoGuess() {
        let error = #expect(throws: UsageError.self) { try choice(environment: ["HOME": "/h"]) }
        for word in ["--kubeconfig", "KUBECONFIG", "--in-cluster", "--embedded"] {
            #expect(error?.description.contains(word) == true)
        }
    }

    @Test func contradictionsAreErrors() {
        #expect(throws: UsageError.self) { try choice(inCluster: true, embedded: true) }
        #expect(throws: UsageError.self) { try choice(kubeconfig: "/k", embedded: true) }
        #expect(throws: UsageError.self) { try choice(kubeconfig: "/k", inCluster: true) }
        #expect(throws: UsageError.self) { try choice(context: "c", embedded: true) }
        #expect(throws: UsageError.self) { try choice(kubeconfig: "/k", clusterDir: "/d") }
    }
}

@Suite struct ReportTests {
    private let report = Report(
        json: ["running": true, "server": "https://127.0.0.1:1", "pid": 12, "note": nil, "list": ["a", 1]],
        columns: ["Status", "PID"], rows: [["Running", "12"], ["-", "-"]])

    @Test func aTableAsKubectlSetsIt() throws {
        #expect(
            try report.rendered(.table) == """
                STATUS    PID
                Running   12
                -         -

                """)
    }

    @Test func yamlKeepsTypesAndOrder() throws {
        #expect(
            try report.rendered(.yaml) == """
                running: true
                server: https://127.0.0.1:1
                pid: 12
                note: null
                list:
                - a
                - 1

                """)
    }

    @Test func jsonEndsWithANewline() throws {
        #expect(try report.rendered(.json).hasPrefix("{\n  \"running\": true,\n"))
        #expect(try report.rendered(.json).hasSuffix("}\n"))
    }
}

@Suite struct NamespaceNameTests {
    @Test(arguments: ["a", "humanitec-runner", "0-9", String(repeating: "x", count: 63)])
    func takesLabels(_ name: String) throws {
        #expect(try checkedNamespace(name) == name)
    }

    @Test(arguments: ["", "-a", "a-", "A", "a.b", "a/b", "..", String(repeating: "x", count: 64)])
    func refusesTheRest(_ name: String) {
        #expect(throws: UsageError.self) { try checkedNamespace(name) }
    }
}
