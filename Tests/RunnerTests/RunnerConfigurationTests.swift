import KubernetesAPI
import LocalFiles
import OrderedJSON
import Runner
import TestScopes
import Testing

@Suite struct RunnerConfigurationTests {
    private func problems(_ bytes: [UInt8]) -> [ConfigurationProblem] {
        do {
            _ = try RunnerConfiguration(parsing: bytes, file: "f.yaml")
            return []
        } catch {
            return error.problems
        }
    }

    @Test(arguments: BadConfiguration.all) func tellsEveryProblem(_ bad: BadConfiguration) {
        let problems = problems(Array(bad.text.utf8))
        let told = problems.map(\.description).joined(separator: "\n")
        #expect(problems.count == bad.expected.count, "\(told)")
        for (problem, expected) in zip(problems, bad.expected) {
            #expect("\(problem.line):\(problem.column)" == expected.place, "\(told)")
            #expect(problem.key == expected.key, "\(told)")
            #expect(problem.description.contains(expected.part), "\(told)")
            #expect(problem.description.hasPrefix("f.yaml:\(expected.place): "))
            #expect(!problem.description.contains("\n"))
        }
    }

    @Test func theTableIsLongAndEveryRowIsAnother() {
        #expect(BadConfiguration.all.count >= 80)
        #expect(Set(BadConfiguration.all.map(\.name)).count == BadConfiguration.all.count)
        #expect(!ConfigurationSamples.all.contains { text in BadConfiguration.all.contains { $0.text == text } })
    }

    /// Whatever is wrong with a file, what is secret in it is in no message.
    @Test func noMessageHoldsASecret() {
        let secrets = [
            "abc.def.ghi", "password", "secret@", String(ConfigurationSamples.clientKey.prefix(24)),
            String(ConfigurationSamples.otherKey.suffix(60).prefix(24)),
        ]
        for bad in BadConfiguration.all {
            let told = problems(Array(bad.text.utf8)).map(\.description).joined()
                .replacing("user:password@", with: "")
            for secret in secrets { #expect(!told.contains(secret), "\(bad.name)") }
        }
    }

    @Test func tellsWhereAFileIsNotText() {
        var bytes = Array("a: b\nkey: xä".utf8)
        bytes[bytes.count - 1] = 0x20
        #expect(problems(bytes).map(\.description) == ["f.yaml:2:7: a byte that is not UTF-8; save the file as UTF-8"])
        #expect(problems([0xFF, 0xFE, 0x61, 0x00]).map(\.problem) == ["the file is UTF-16; save it as UTF-8"])
        let long = [UInt8](repeating: UInt8(ascii: "#"), count: 10 << 20)
        #expect(problems(long).map(\.problem) == ["the file is longer than 1048576 bytes"])
    }

    @Test func tellsNoMoreThanHelps() {
        let text = ConfigurationSamples.token + (0..<5000).map { "key_\($0): x\n" }.joined()
        let problems = problems(Array(text.utf8))
        #expect(problems.count == 201)
        #expect(problems.last?.problem == "4800 more problems from here on")
    }

    @Test func manyAliasesInKeysAreRefusedBeforeTheyAreRead() {
        let levels = (0..<30).map { "a\($0 + 1): &a\($0 + 1) [*a\($0), *a\($0)]\n" }.joined()
        let text = "a0: &a0 [x]\n\(levels)? *a30\n: x\n"
        #expect(problems(Array(text.utf8)).map(\.problem).first?.contains("more aliases") == true)
    }

    // MARK: Good files

    @Test(arguments: ConfigurationSamples.all) func readsBackWhatItWrites(_ text: String) throws {
        let read = try RunnerConfiguration(parsing: Array(text.utf8), file: "f.yaml")
        let written = try read.yaml(showsSensitive: true)
        let again = try RunnerConfiguration(parsing: Array(written.utf8), file: "g.yaml")
        #expect(again == read)
        #expect(try again.yaml(showsSensitive: true) == written)
    }

    @Test func takesFilesAsEditorsWriteThem() throws {
        let expected = try RunnerConfiguration(parsing: Array(ConfigurationSamples.agent.utf8), file: "f")
        let agent = ConfigurationSamples.agent
        let others = [
            "\u{FEFF}" + agent, agent.replacing("\n", with: "\r\n"), "---\n" + agent, "%YAML 1.2\n---\n" + agent,
            agent + "...\n",
            "# a comment\n\n" + agent + "...\n# the end\n", "\u{FEFF}# x\r\n" + agent.replacing("\n", with: "\r\n"),
        ]
        for text in others {
            #expect(
                try RunnerConfiguration(parsing: Array(text.utf8), file: "f") == expected,
                "\(text.prefix(20).debugDescription)")
        }
        let json = expected.json(showsSensitive: true).prettyText
        #expect(try RunnerConfiguration(parsing: Array(json.utf8), file: "f.json") == expected)
    }

    @Test func aliasesAndMergeKeysAreRead() throws {
        let text = """
            runner_configuration:
              type: kubernetes-eks
              cluster: {name: c, region: &region eu-west-1, auth: {role_arn: "arn:aws:iam::123456789012:role/r", sts_region: *region}}
              job:
                namespace: &namespace jobs
                service_account: runner
                pod_template:
                  spec:
                    containers:
                    - &base {name: main, image: x, env: [{name: A, value: "1"}]}
                    - {<<: *base, name: other}
            state_storage_configuration: {type: kubernetes, namespace: *namespace}
            """
        let read = try RunnerConfiguration(parsing: Array(text.utf8), file: "f")
        #expect(read.stateStorage == .kubernetes(namespace: "jobs"))
        let containers = read.job.podTemplate?["spec"]?["containers"]?.array
        #expect(containers?.last == ["name": "other", "image": "x", "env": [["name": "A", "value": "1"]]])
        guard case .eks(let cluster) = read.runner else {
            Issue.record("not EKS")
            return
        }
        #expect(cluster.stsRegion == "eu-west-1")
        #expect(cluster.sessionName == nil)
    }

    @Test func theBackendIsOursAndLeftOutWhereItIsThePlatforms() throws {
        func read(_ backend: String) throws -> RunnerConfiguration {
            try RunnerConfiguration(parsing: Array((ConfigurationSamples.agent + backend).utf8), file: "f")
        }
        let gateway = try read("  backend: gateway\n")
        #expect(gateway.stateStorage == .kubernetes(namespace: "humanitec", backend: .gateway))
        let written = try gateway.yaml(showsSensitive: true)
        #expect(try RunnerConfiguration(parsing: Array(written.utf8), file: "g") == gateway)
        let named = try read("  backend: kubernetes\n")
        #expect(try named == read("") && !named.yaml(showsSensitive: true).contains("backend"))
    }

    @Test func aPodTemplateKeepsItsTypes() throws {
        let text = ConfigurationSamples.token.replacing(
            "    service_account: runner\n",
            with: """
                    service_account: runner
                    pod_template:
                      metadata:
                        annotations: {a: "yes", b: "012", c: '1.5', d: "null", e: "a: b", f: "", g: "é # x", h: "1:20", i: "~"}
                      spec:
                        containers:
                        - {name: main, ports: [{containerPort: 8080}], tty: yes, args: [0x10, 1.5, null, 2001-01-01]}
                        - name: sidecar
                          command: [sh, -c, "set -e\\n  echo  x \\n\\n"]
                          env: [{name: LOG_LEVEL, value: debug}]
                          securityContext: {}
                        volumes: []

                """)
        let read = try RunnerConfiguration(parsing: Array(text.utf8), file: "f")
        let template: JSON = [
            "metadata": [
                "annotations": [
                    "a": "yes", "b": "012", "c": "1.5", "d": "null", "e": "a: b", "f": "", "g": "é # x", "h": "1:20",
                    "i": "~",
                ]
            ],
            "spec": [
                "containers": [
                    [
                        "name": "main", "ports": [["containerPort": 8080]], "tty": true,
                        "args": [16, try JSON(parsing: "1.5"), nil, "2001-01-01"],
                    ],
                    [
                        "name": "sidecar", "command": ["sh", "-c", "set -e\n  echo  x \n\n"],
                        "env": [["name": "LOG_LEVEL", "value": "debug"]], "securityContext": [:],
                    ],
                ], "volumes": [],
            ],
        ]
        #expect(read.job.podTemplate == template)
        let again = try RunnerConfiguration(parsing: Array(try read.yaml(showsSensitive: true).utf8), file: "g")
        #expect(again == read)
    }

    @Test func whatIsSecretIsHidden() throws {
        let secrets = ["abc.def.ghi", ConfigurationSamples.clientKey, "user:password"]
        for text in ConfigurationSamples.all {
            let read = try RunnerConfiguration(parsing: Array(text.utf8), file: "f")
            var dumped = ""
            dump(read, to: &dumped)
            let hidden = [
                try read.yaml(showsSensitive: false), read.json(showsSensitive: false).text, "\(read)",
                String(reflecting: read), dumped,
            ].joined()
            for secret in secrets { #expect(!hidden.contains(secret)) }
        }
        let shown = try RunnerConfiguration(parsing: Array(ConfigurationSamples.certificate.utf8), file: "f")
            .json(showsSensitive: true).text
        #expect(shown.contains(ConfigurationSamples.clientKey))
        #expect(shown.contains("http://user:password@proxy.test:3128"))
    }

    @Test func aFileThatCannotBeReadIsNoInvalidOne() async throws {
        try await withTemporaryFolder { folder in
            await #expect(throws: FileError.self) { try await RunnerConfiguration.load("\(folder)/missing.yaml") }
            await #expect(throws: FileError.self) { try await RunnerConfiguration.load(folder) }
            try PrivateFile.write(ConfigurationSamples.gke, to: "\(folder)/good.yaml")
            #expect(try await RunnerConfiguration.load("\(folder)/good.yaml").runner.type == .gke)
        }
    }
}
