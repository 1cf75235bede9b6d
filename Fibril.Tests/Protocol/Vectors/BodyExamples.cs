using Fibril.Protocol;

namespace Fibril.Tests.Protocol.Vectors;

/// <summary>A body without its frame header.</summary>
internal sealed record BodyExample(string Name, OpCode OpCode, string Body);

/// <summary>A body as an older peer writes it, and the same message in full.</summary>
internal sealed record OlderExample(string Name, OpCode OpCode, string Body, string FullBody);

/// <summary>A body that must be refused, and for which fault.</summary>
internal sealed record MalformedExample(string Name, OpCode OpCode, DecodeFault Fault, string Body);

/// <summary>The test vectors in the appendix of the protocol description.</summary>
internal static class BodyExamples
{
    internal static IReadOnlyList<BodyExample> Valid { get; } =
    [
        new("hello, no resume", OpCode.Hello, "46484c310000000570726f626500000000000100"),
        new("hello, version 2", OpCode.Hello, "46484c310000000570726f62650000000139000200"),
        new("hello_ok, after restart", OpCode.HelloOk,
            """
            46484f3100010b8f2f1e7c3a4d529a415e6f7a8b9c0d01980a6b3c2d7e4f8a1b2c3d4e5f60715a3c9d7e1f204b6a8c5d
            e7f801234567040000000000000037763d313b6c6963656e73653d4d49543b61695f747261696e3d646973616c6c6f77
            65643b706f6c6963793d41495f504f4c4943592e6d64
            """),
        new("publish, smallest", OpCode.Publish,
            "46504231000000046a6f6273000000000000000000000000000000000000000000000000000000000000000000"),
        new("publish, two headers, text", OpCode.Publish,
            """
            46504231000000046a6f627300000000000103000000020000000674656e616e7400000001370000001a66696272696c
            2e636c69656e742e70726f64756365725f73657100000001300000019b76daa8000000000000000000000000000668c3
            a96c6c6f00
            """),
        new("publish, key and version", OpCode.Publish,
            """
            46504231000000046a6f6273010000000265750000000b010100000000000000000000000001000000086f726465722d
            3432ffffffffffffffff00000001c0010000000000000000
            """),
        new("publish_delayed, smallest", OpCode.PublishDelayed,
            """
            46504431000000046a6f6273000000000000000000000000000100000000000000000000000000000000000000000000
            00000000
            """),
        new("publish_ok, largest offset", OpCode.PublishOk, "46504f31ffffffffffffffff"),
        new("subscribe, competing", OpCode.Subscribe, "46534231000000046a6f627300000000000000008000000000"),
        new("subscribe, auto-ack, group", OpCode.Subscribe,
            "46534231000000086d61696c2e6f7574ffffffff010000000764656661756c740000000001000000"),
        new("subscribe, cohort, first", OpCode.Subscribe,
            "46534231000000046a6f627300000000000000000800010000000764656661756c74010000000300"),
        new("subscribe_ok, competing", OpCode.SubscribeOk, "46534f310000000000000007000000046a6f6273000000000000000080000000"),
        new("subscribe_ok, uuid order", OpCode.SubscribeOk,
            """
            46534f310000000000000008000000046a6f6273000000000000000008010000000764656661756c7401000000030100
            112233445566778899aabbccddeeff
            """),
        new("subscribe_stream, durable", OpCode.SubscribeStream,
            """
            4653503100000005617564697400000000010000000762696c6c696e67000000000100000006726567696f6e00000001
            2a0000001000
            """),
        new("subscribe_stream, earliest", OpCode.SubscribeStream, "46535031000000056175646974000000000001000000000000001001"),
        new("subscribe_stream, offset", OpCode.SubscribeStream,
            "46535031000000056175646974000000000002000000000000004d000000000000001000"),
        new("subscribe_stream, n_back", OpCode.SubscribeStream,
            "46535031000000056175646974000000000003000000000000000a000000000000001000"),
        new("subscribe_stream, by_time", OpCode.SubscribeStream,
            "465350310000000561756469740000000000040000019b76daa800000000000000001000"),
        new("deliver, retried", OpCode.Deliver,
            """
            46444c310000000000000003000000046a6f627301000000026575000000000000000000000029000000000000232c00
            00019b76daa8000000019b76daa87b02000000010000000e66696272696c2e726574726965730000000131000000027b
            7d
            """),
        new("deliver, custom type", OpCode.Deliver,
            """
            46444c310000000000000003000000046a6f627300000000000000000000000000000000000000000100000000000000
            000000019b76daa87b0400000009696d6167652f706e67000000000000000489504e47
            """),
        new("ack, no tags", OpCode.Ack, "46414b31000000046a6f6273000000000000000000"),
        new("nack, terminal", OpCode.Nack, "464e4b31000000046a6f627301000000026575000000020000000100000000000000050000"),
        new("nack, retry now, two tags", OpCode.Nack,
            "464e4b31000000046a6f6273000000000000000002000000000000000500000000000000060100"),
        new("assignment_changed, lost all", OpCode.AssignmentChanged,
            """
            46414331000000046a6f6273010000000265750000000764656661756c74000000000000000900000000000000000000
            00020000000000000002
            """),
        new("declare_queue, smallest", OpCode.DeclareQueue, "46445131000000046a6f62730000000000"),
        new("declare_queue, custom target", OpCode.DeclareQueue,
            """
            46445131000000046a6f6273010000000265750102000000096a6f62732e646561640100000002657501000000000100
            00000c00
            """),
        new("declare_queue, discard", OpCode.DeclareQueue, "46445131000000046a6f62730001000000010000000000000001"),
        new("declare_plexus, smallest", OpCode.DeclarePlexus, "46445031000000056175646974000200000000"),
        new("declare_plexus, everything", OpCode.DeclarePlexus,
            """
            46445031000000056175646974010000000601010000000005265c000100000000000000010100000000000000020100
            000000
            """),
        new("reconcile_client, none, restore", OpCode.ReconcileClient, "465243310100000000"),
        new("reconcile_client, two", OpCode.ReconcileClient,
            """
            4652433100000000020000000000000007000000066f7264657273000000000000000000020000000000000000000008
            000000076d65747269637300000001010000000265750100000080010000000163010000000101001122334455667788
            99aabbccddeeff
            """),
        new("reconcile_result, empty", OpCode.ReconcileResult, "4652523100000000"),
        new("reconcile_result, restored", OpCode.ReconcileResult,
            """
            4652523100000001010000000000000007000000066f7264657273000000000000000000020000000100000000000000
            1f000000066f726465727300000000000000000002000000000000000f7365727665725f726573746f7265640003
            """),
        new("reconcile_result, recreate", OpCode.ReconcileResult,
            """
            4652523100000001010000000000000007000000066f7264657273000000000000000000020000000003000000087265
            6372656174650008
            """),
        new("topology, one group", OpCode.Topology, "4654503101000000066f726465727301000000026575"),
        new("topology_ok, standalone, empty", OpCode.TopologyOk, "46544f3100000000000000000000000000000000"),
        new("topology_update, stream only", OpCode.TopologyUpdate,
            """
            465455310000000000000000000000000000000200000005617564697400000000000000000000000000000000000000
            020000000561756469740000000100000000000000000000000000000002
            """),
        new("redirect, stream", OpCode.Redirect,
            "465244310000000561756469740000000100000000010000000831302e312e322e342694000000000000000000000000"),
        new("going_away, no text", OpCode.GoingAway, "46474131000000000000000000000000"),
        new("subscription_closed, code 9001", OpCode.SubscriptionClosed, "4653433100000000000000012329000000056c61746572"),
        new("error 426", OpCode.Error, "4645523101aa0000000c544c53207265717569726564"),
    ];

    internal static IReadOnlyList<OlderExample> Older { get; } =
    [
        new("publish without ttl_ms", OpCode.Publish,
            "46504231000000046a6f6273000000000000000000000000000000000000000000000000000000000000000178",
            "46504231000000046a6f627300000000000000000000000000000000000000000000000000000000000000017800"),
        new("declare_queue without TTL", OpCode.DeclareQueue,
            "46445131000000046a6f62730000010000000400",
            "46445131000000046a6f6273000001000000040000"),
        new("reconcile_result without codes", OpCode.ReconcileResult,
            """
            4652523100000001010000000000000007000000066f72646572730000000000000000000100000000010000000e7365
            727665725f6d697373696e67
            """,
            """
            4652523100000001010000000000000007000000066f72646572730000000000000000000100000000010000000e7365
            727665725f6d697373696e670000
            """),
    ];

    internal static IReadOnlyList<MalformedExample> Malformed { get; } =
    [
        new("other magic", OpCode.Ack, DecodeFault.WrongMagic, "464e4b31000000046a6f62730000000000000000010000000000000001"),
        new("cut short", OpCode.Ack, DecodeFault.PastEnd, "46414b31000000046a6f627300000000000000000100000000000000"),
        new("one byte too many", OpCode.Ack, DecodeFault.TrailingBytes,
            "46414b31000000046a6f6273000000000000000001000000000000000100"),
        new("option tag 2", OpCode.Ack, DecodeFault.UndefinedOption,
            "46414b31000000046a6f62730200000000000000010000000000000001"),
        new("tag count beyond the body", OpCode.Ack, DecodeFault.PastEnd,
            "46414b31000000046a6f62730000000000ffffffff0000000000000001"),
        new("string length beyond the body", OpCode.Ack, DecodeFault.PastEnd,
            "46414b31ffffffff6a6f62730000000000000000010000000000000001"),
        new("invalid UTF-8", OpCode.Ack, DecodeFault.InvalidUtf8, "46414b31000000046a6fff730000000000000000010000000000000001"),
        new("bool 2", OpCode.Nack, DecodeFault.UndefinedBool, "464e4b31000000046a6f627300000000000000000100000000000000010200"),
        new("content type tag 5", OpCode.Publish, DecodeFault.UndefinedValue,
            "46504231000000046a6f6273000000000000050000000000000000000000000000000000000000000000000000"),
        new("start tag 5", OpCode.SubscribeStream, DecodeFault.UndefinedValue,
            "46535031000000056175646974000000000005000000000000001000"),
        new("policy 2", OpCode.ReconcileClient, DecodeFault.UndefinedValue, "465243310200000000"),
        new("empty body", OpCode.Hello, DecodeFault.WrongMagic, ""),
        new("body on AUTH_OK", OpCode.AuthOk, DecodeFault.TrailingBytes, "00"),
    ];
}
