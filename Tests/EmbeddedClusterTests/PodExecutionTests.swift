@testable import EmbeddedCluster
import Foundation
import KubernetesAPI
import LocalFiles
import OrderedJSON
import TestScopes
import Testing

@Suite(.timeLimit(.minutes(20))) struct PodExecutionTests {
    @Test func aPodRunsToItsEnd() async throws {
        try await withWorkloads { workloads in
            try await workloads.createPod("one", "echo out; echo err >&2; exit 0")
            let pod = try await workloads.waitForPod("one", phase: "Succeeded")
            #expect(pod["spec"]?["nodeName"] == "stowage")
            let status = pod["status"] ?? [:]
            #expect(status["podIP"] == "127.0.0.1")
            let container = status.elements("containerStatuses").first ?? [:]
            #expect(container["restartCount"] == 0)
            #expect(container["ready"] == false)
            let ended = container["state"]?["terminated"] ?? [:]
            #expect(ended["exitCode"] == 0)
            #expect(ended["reason"] == "Completed")
            #expect(ended.time("startedAt") != nil && ended.time("finishedAt") != nil)
            let conditions = status.elements("conditions")
            #expect(conditions.first { $0["type"] == "PodScheduled" }?["status"] == "True")
            #expect(conditions.first { $0["type"] == "Ready" }?["reason"] == "PodCompleted")
            #expect(try await workloads.log("one").split(separator: "\n").sorted() == ["err", "out"])
            #expect(
                try await workloads.reasons(about: "one").sorted() == [
                    "Created", "ImageIgnored", "Scheduled", "Started",
                ])
            let folder = PodFolder(workloads.folder, uid: pod["metadata"]?["uid"]?.string ?? "")
            #expect(!exists(folder.home) || exists(folder.logs))
            let deleted = try await workloads.cluster.send("DELETE", "\(TestWorkloads.pods)/one")
            #expect(deleted.status == 200)
            #expect(try deleted.json["kind"] == "Pod")
            try await workloads.waitUntilGone("pods", "one")
        }
    }

    @Test func allThatAProcessWritesIsKept() async throws {
        try await withWorkloads { workloads in
            try await workloads.createPod("one", "i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done")
            _ = try await workloads.waitForPod("one", phase: "Succeeded")
            let log = try await workloads.log("one")
            #expect(log == (0..<20000).map { "line \($0)\n" }.joined())
        }
    }

    @Test func anExitStatusIsToldAndASignalToo() async throws {
        try await withWorkloads { workloads in
            try await workloads.createPod("one", "exit 3")
            let one = try await workloads.waitForPod("one", phase: "Failed")
            #expect(one["status"]?.elements("containerStatuses").first?["state"]?["terminated"]?["exitCode"] == 3)
            #expect(
                one["status"]?.elements("containerStatuses").first?["state"]?["terminated"]?["reason"] == "Error")
            try await workloads.createPod("two", "kill -9 $$$$")
            let two = try await workloads.waitForPod("two", phase: "Failed")
            let ended = two["status"]?.elements("containerStatuses").first?["state"]?["terminated"]
            #expect(ended?["exitCode"] == 137)
            #expect(ended?["signal"] == 9)
        }
    }

    @Test func aProgramThatIsNotThereFailsToStart() async throws {
        try await withWorkloads { workloads in
            try await workloads.createPod("one", "", container: ["command": ["no-such-program"]])
            let pod = try await workloads.waitForPod("one", phase: "Failed")
            let ended = pod["status"]?.elements("containerStatuses").first?["state"]?["terminated"]
            #expect(ended?["reason"] == "StartError")
            #expect(ended?["exitCode"] == 128)
            #expect(ended?["message"] == "exec: \"no-such-program\": executable file not found in $PATH")
            #expect(try await workloads.reasons(about: "one").contains("Failed"))
        }
    }

    @Test func variablesComeFromEverywhere() async throws {
        try await withWorkloads { workloads in
            let cluster = workloads.cluster
            _ = try await cluster.send(
                "POST", "/api/v1/namespaces/default/secrets",
                ["metadata": ["name": "s"], "stringData": ["user": "ada", "word": "x y"]])
            try await workloads.createPod(
                "one",
                """
                echo "$LITERAL|$EXPANDED|$SECRET|${OPTIONAL-unset}|$FROM_user|$POD|$NS|$MEMORY|$1|$HOME|${SHELL-unset}"
                """,
                container: [
                    "args": ["zero", "$(LITERAL)"],
                    "envFrom": [["prefix": "FROM_", "secretRef": ["name": "s"]]],
                    "env": [
                        ["name": "LITERAL", "value": "l"], ["name": "EXPANDED", "value": "<$(LITERAL)>"],
                        ["name": "SECRET", "valueFrom": ["secretKeyRef": ["name": "s", "key": "word"]]],
                        [
                            "name": "OPTIONAL",
                            "valueFrom": ["secretKeyRef": ["name": "none", "key": "word", "optional": true]],
                        ],
                        ["name": "POD", "valueFrom": ["fieldRef": ["fieldPath": "metadata.name"]]],
                        ["name": "NS", "valueFrom": ["fieldRef": ["fieldPath": "metadata.namespace"]]],
                        [
                            "name": "MEMORY",
                            "valueFrom": ["resourceFieldRef": ["resource": "limits.memory", "divisor": "1Mi"]],
                        ],
                    ], "resources": ["limits": ["memory": "1Gi"]],
                ])
            let pod = try await workloads.waitForPod("one", phase: "Succeeded")
            let folder = PodFolder(workloads.folder, uid: pod["metadata"]?["uid"]?.string ?? "")
            #expect(
                try await workloads.log("one") == "l|<l>|x y|unset|ada|one|default|1024|l|\(folder.home)|unset\n")
        }
    }

    @Test func aSecretThatIsMissingIsWaitedFor() async throws {
        let clock = TestClock()
        try await withWorkloads(clock: clock.clock) { workloads in
            try await workloads.createPod(
                "one", "echo $A",
                container: ["env": [["name": "A", "valueFrom": ["secretKeyRef": ["name": "s", "key": "a"]]]]])
            let waiting = try await workloads.wait("pods", "one") {
                $0["status"]?.elements("containerStatuses").first?["state"]?["waiting"]?["reason"]
                    == "CreateContainerConfigError"
            }
            #expect(waiting["status"]?["phase"] == "Pending")
            #expect(
                waiting["status"]?.elements("containerStatuses").first?["state"]?["waiting"]?["message"]
                    == "secret \"s\" not found")
            let early = try await workloads.cluster.send("GET", "\(TestWorkloads.pods)/one/log")
            #expect(early.status == 400)
            #expect(
                try early.json["message"]
                    == "container \"main\" in pod \"one\" is waiting to start: CreateContainerConfigError")
            _ = try await workloads.cluster.send(
                "POST", "/api/v1/namespaces/default/secrets", ["metadata": ["name": "s"], "stringData": ["a": "b"]])
            clock.advance(by: .seconds(5))
            _ = try await workloads.waitForPod("one", phase: "Succeeded")
            #expect(try await workloads.log("one") == "b\n")
        }
    }

    @Test func volumesAreFoldersThatVariablesName() async throws {
        try await withWorkloads { workloads in
            _ = try await workloads.cluster.send(
                "POST", "/api/v1/namespaces/default/secrets",
                ["metadata": ["name": "s"], "stringData": ["a": "one", "b": "two"]])
            try await workloads.createPod(
                "one", "pwd; cat $STOWAGE_VOLUME_KEYS_1/deep/a; ls $STOWAGE_VOLUME_KEYS_1; stat -c %a $1/deep/a",
                spec: [
                    "volumes": [
                        ["name": "work", "emptyDir": [:]],
                        [
                            "name": "keys-1",
                            "secret": [
                                "secretName": "s", "items": [["key": "a", "path": "deep/a", "mode": 0o400]],
                            ],
                        ],
                    ]
                ],
                container: [
                    "args": ["zero", "$(STOWAGE_VOLUME_KEYS_1)"], "workingDir": "/work/sub",
                    "volumeMounts": [
                        ["name": "work", "mountPath": "/work"], ["name": "work", "mountPath": "/x", "subPath": "sub"],
                    ],
                ])
            let pod = try await workloads.waitForPod("one", phase: "Succeeded")
            let folder = PodFolder(workloads.folder, uid: pod["metadata"]?["uid"]?.string ?? "")
            #expect(try await workloads.log("one") == "\(folder.volume("work"))/sub\nonedeep\n400\n")
            #expect(try await workloads.reasons(about: "one").contains("MountPathIgnored"))
        }
    }

    @Test func aVolumeThatCannotBeHadFailsThePod() async throws {
        try await withWorkloads { workloads in
            try await workloads.createPod(
                "one", "true", spec: ["volumes": [["name": "v", "nfs": ["server": "s", "path": "/p"]]]])
            let pod = try await workloads.waitForPod("one", phase: "Failed")
            #expect(pod["status"]?["reason"] == "UnsupportedVolume")
        }
    }

    @Test func aPodReachesTheClusterAsItsAccount() async throws {
        try await withWorkloads { workloads in
            try await workloads.createPod(
                "one",
                """
                echo $KUBERNETES_SERVICE_HOST:$KUBERNETES_SERVICE_PORT
                cat $STOWAGE_SERVICE_ACCOUNT/namespace; echo; cat $STOWAGE_SERVICE_ACCOUNT/token; echo
                grep -c tokenFile $KUBECONFIG; stat -c %a $KUBECONFIG
                exec sleep 1000
                """)
            _ = try await workloads.follow("one") { text in
                let lines = text.split(separator: "\n").map(String.init)
                guard lines.count == 5 else { return }
                #expect("https://\(lines[0])" == workloads.cluster.server)
                #expect(lines[1] == "default")
                #expect(lines[3] == "1")
                #expect(lines[4] == "600")
                let path = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
                let review = try await workloads.cluster.send("POST", path, as: .token(lines[2]), [:])
                #expect(
                    try review.json["status"]?["userInfo"]?["username"] == "system:serviceaccount:default:default")
                _ = try await workloads.cluster.send("DELETE", "\(TestWorkloads.pods)/one")
                try await workloads.waitUntilGone("pods", "one")
                // The token ends with the Pod.
                #expect(try await workloads.cluster.send("POST", path, as: .token(lines[2]), [:]).status == 401)
            }
        }
    }

    @Test func aContainerThatEndsIsStartedAgainLaterAndLater() async throws {
        let clock = TestClock()
        try await withWorkloads(clock: clock.clock) { workloads in
            try await workloads.createPod("one", "echo run; exit 1", policy: "Always")
            let waiting: @Sendable (Int) -> @Sendable (JSON) -> Bool = { restarts in
                { pod in
                    let status = pod["status"]?.elements("containerStatuses").first
                    return status?["restartCount"]?.int == restarts
                        && status?["state"]?["waiting"]?["reason"] == "CrashLoopBackOff"
                }
            }
            // At once the first time.
            let pod = try await workloads.wait("pods", "one", until: waiting(1))
            #expect(pod["status"]?["phase"] == "Running")
            clock.advance(by: .seconds(10))
            _ = try await workloads.wait("pods", "one", until: waiting(2))
            #expect(try await workloads.log("one") == "run\n")
            #expect(try await workloads.log("one", "?previous=true") == "run\n")
            #expect(try await workloads.reasons(about: "one").contains("BackOff"))
            _ = try await workloads.cluster.send("DELETE", "\(TestWorkloads.pods)/one")
            try await workloads.waitUntilGone("pods", "one")
        }
    }

    @Test func containersThatComeFirstDoSo() async throws {
        try await withWorkloads { workloads in
            try await workloads.createPod(
                "one", "cat $STOWAGE_VOLUME_V/f",
                spec: [
                    "volumes": [["name": "v"]],
                    "initContainers": [
                        [
                            "name": "first", "image": "x", "command": ["sh", "-c", "echo made > $STOWAGE_VOLUME_V/f"],
                        ]
                    ],
                ])
            _ = try await workloads.waitForPod("one", phase: "Succeeded")
            #expect(try await workloads.log("one", "?container=main") == "made\n")
            let unnamed = try await workloads.cluster.send("GET", "\(TestWorkloads.pods)/one/log")
            #expect(
                try unnamed.json["message"]?.string == """
                    a container name must be specified for pod one, choose one of: [main] or one of the init \
                    containers: [first]
                    """)
            try await workloads.createPod(
                "two", "true",
                spec: ["initContainers": [["name": "first", "image": "x", "command": ["false"]]]])
            let two = try await workloads.waitForPod("two", phase: "Failed")
            #expect(two["status"]?.elements("containerStatuses").first?["state"]?["waiting"] != nil)
        }
    }

    @Test func aDeletedPodIsAskedToEndAndStaysUntilItHas() async throws {
        try await withWorkloads { workloads in
            try await workloads.createPod(
                "one", "trap 'echo bye; exit 0' TERM; echo ready; while :; do sleep 0.02; done")
            _ = try await workloads.waitForPod("one", phase: "Running")
            let text = try await workloads.follow("one") { text in
                guard text == "ready\n" else { return }
                let answer = try await workloads.cluster.send("DELETE", "\(TestWorkloads.pods)/one")
                #expect(answer.status == 200)
                #expect(try answer.json["metadata"]?["deletionGracePeriodSeconds"] == 30)
            }
            // What the shell started is asked to end, too, and the shell may say so: on its other stream, which has no order with this one.
            #expect(text.hasPrefix("ready\n") && text.contains("bye\n"))
            try await workloads.waitUntilGone("pods", "one")
            #expect(try await workloads.reasons(about: "one").contains("Killing"))
            // The object goes first, so that its log is there as long as it is.
            while try !FolderTree.entries(of: workloads.folder.podsPath).isEmpty {
                try await Task.sleep(for: .milliseconds(10))
            }
        }
    }

    @Test func aPodThatDoesNotEndIsKilledWhenItsTimeIsOver() async throws {
        let clock = TestClock()
        try await withWorkloads(clock: clock.clock) { workloads in
            try await workloads.createPod("one", "trap '' TERM; echo ready; while :; do sleep 0.02; done")
            _ = try await workloads.waitForPod("one", phase: "Running")
            _ = try await workloads.cluster.send(
                "DELETE", "\(TestWorkloads.pods)/one", ["gracePeriodSeconds": 7])
            _ = try await workloads.wait("pods", "one") { $0["metadata"]?["deletionTimestamp"] != nil }
            clock.advance(by: .seconds(7))
            try await workloads.waitUntilGone("pods", "one")
        }
    }

    @Test func aPodHasNoMoreTimeThanItsDeadline() async throws {
        let clock = TestClock()
        try await withWorkloads(clock: clock.clock) { workloads in
            try await workloads.createPod("one", "exec sleep 1000", spec: ["activeDeadlineSeconds": 60])
            _ = try await workloads.waitForPod("one", phase: "Running")
            clock.advance(by: .seconds(60))
            let pod = try await workloads.waitForPod("one", phase: "Failed")
            #expect(pod["status"]?["reason"] == "DeadlineExceeded")
        }
    }

    @Test func aPodWhoseServerWasKilledIsNotForgotten() async throws {
        try await withWorkloads { workloads in
            let pod = try await workloads.createPod("one", "true")
            let key = ObjectKey(resource: "pods", namespace: "default", name: "one")
            try await workloads.cluster.store.change(key, uid: pod["metadata"]?["uid"]?.string ?? "") { pod in
                pod["spec"]?["nodeName"] = "stowage"
                pod["status"] = [
                    "phase": "Running",
                    "containerStatuses": [
                        [
                            "name": "main", "state": ["running": ["startedAt": "2026-01-01T00:00:00Z"]],
                            "lastState": [:], "ready": true, "restartCount": 0, "image": "ignored", "imageID": "",
                        ]
                    ],
                ]
            }
        } _: { workloads in
            let pod = try await workloads.waitForPod("one", phase: "Failed")
            let ended = pod["status"]?.elements("containerStatuses").first?["state"]?["terminated"]
            #expect(ended?["reason"] == "ContainerStatusUnknown")
            #expect(ended?["exitCode"] == 137)
        }
    }

    @Test func whatAPodServesNotIsSaid() async throws {
        try await withWorkloads { workloads in
            try await workloads.createPod("one", "true")
            let answer = try await workloads.cluster.send("POST", "\(TestWorkloads.pods)/one/exec")
            #expect(answer.status == 405)
            let container = try await workloads.cluster.send("GET", "\(TestWorkloads.pods)/one/log?container=x")
            #expect(try container.json["message"] == "container x is not valid for pod one")
            #expect(try await workloads.cluster.send("GET", "\(TestWorkloads.pods)/no/log").status == 404)
        }
    }
}
