using Fibril.Protocol;

namespace Fibril.Tests.Protocol.Vectors;

/// <summary>A frame and the values its fields have.</summary>
internal sealed record AnnotatedExample(OpCode OpCode, ulong RequestId, string Frame, string Fields);

/// <summary>The annotated example of every message in the protocol description: bytes, and the values written beside them.</summary>
internal static class AnnotatedExamples
{
    internal static IReadOnlyDictionary<OpCode, AnnotatedExample> ByOpCode { get; } = new AnnotatedExample[]
    {
        new(OpCode.Hello, 1,
            """
            0000004d00010001000000000000000000000001
            46484c310000000970792d636c69656e7400000005302e312e3000010101010101010101010101010101010101020202
            0202020202020202020202020203030303030303030303030303030303
            """,
            """
            {
              "client_name": "py-client",
              "client_version": "0.1.0",
              "protocol_version": 1,
              "resume": {
                "owner_id": "01010101-0101-0101-0101-010101010101",
                "client_id": "02020202-0202-0202-0202-020202020202",
                "resume_token": "03030303-0303-0303-0303-030303030303"
              }
            }
            """),
        new(OpCode.HelloOk, 1,
            """
            0000007c00010002000000000000000000000001
            46484f3100010b8f2f1e7c3a4d529a415e6f7a8b9c0d01980a6b3c2d7e4f8a1b2c3d4e5f60715a3c9d7e1f204b6a8c5d
            e7f801234567010000000666696272696c00000037763d313b6c6963656e73653d4d49543b61695f747261696e3d6469
            73616c6c6f7765643b706f6c6963793d41495f504f4c4943592e6d64
            """,
            """
            {
              "protocol_version": 1,
              "owner_id": "0b8f2f1e-7c3a-4d52-9a41-5e6f7a8b9c0d",
              "client_id": "01980a6b-3c2d-7e4f-8a1b-2c3d4e5f6071",
              "resume_token": "5a3c9d7e-1f20-4b6a-8c5d-e7f801234567",
              "resume_outcome": 1,
              "server_name": "fibril",
              "compliance": "v=1;license=MIT;ai_train=disallowed;policy=AI_POLICY.md"
            }
            """),
        new(OpCode.HelloErr, 1,
            """
            0000002d00010003000000000000000000000001
            4645523100010000002370726f746f636f6c2076657273696f6e2032206e6f74206f6666657265642068657265
            """,
            """
            {
              "code": 1,
              "message": "protocol version 2 not offered here"
            }
            """),
        new(OpCode.Auth, 2,
            """
            000000180001000a000000000000000000000002
            464155310000000762696c6c696e670000000570c3a43535
            """,
            """
            {
              "username": "billing",
              "password": "pä55"
            }
            """),
        new(OpCode.AuthOk, 2,
            """
            000000000001000b000000000000000000000002
            """,
            """
            {}
            """),
        new(OpCode.AuthErr, 2,
            """
            000000220001000c000000000000000000000002
            46455231019100000018756e6b6e6f776e2075736572206f722070617373776f7264
            """,
            """
            {
              "code": 401,
              "message": "unknown user or password"
            }
            """),
        new(OpCode.Publish, 8,
            """
            0000005200010014000000000000000000000008
            46504231000000066f72646572730100000001670000000301020000000100000003782d610000000131000000004996
            02d2010000000209090000000000000005000000040102030401000000000000ea60
            """,
            """
            {
              "topic": "orders",
              "group": "g",
              "partition": 3,
              "require_confirm": true,
              "content_type": {"tag": 2},
              "headers": [["x-a", "1"]],
              "published": "1234567890",
              "partition_key": "0909",
              "partitioning_version": "5",
              "payload": "01020304",
              "ttl_ms": "60000"
            }
            """),
        new(OpCode.PublishDelayed, 9,
            """
            0000006d00010015000000000000000000000009
            46504431000000086d61696c2e6f75740100000002657500000002010000019b76daa80004000000106170706c696361
            74696f6e2f63626f72000000010000000574726163650000000237660000019b76da80f00100000004752d3137000000
            000000000300000004a1616b01
            """,
            """
            {
              "topic": "mail.out",
              "group": "eu",
              "partition": 2,
              "require_confirm": true,
              "not_before": "1767225600000",
              "content_type": {"tag": 4, "mime": "application/cbor"},
              "headers": [["trace", "7f"]],
              "published": "1767225590000",
              "partition_key": "752d3137",
              "partitioning_version": "3",
              "payload": "a1616b01"
            }
            """),
        new(OpCode.PublishOk, 9,
            """
            0000000c00010019000000000000000000000009
            46504f310000000000001267
            """,
            """
            {
              "offset": "4711"
            }
            """),
        new(OpCode.Subscribe, 5,
            """
            000000350001001e000000000000000000000005
            465342310000000174000000010100000001670000002000010000000263670100000002010404040404040404040404
            0404040404
            """,
            """
            {
              "topic": "t",
              "partition": 1,
              "group": "g",
              "prefetch": 32,
              "auto_ack": false,
              "consumer_group": "cg",
              "consumer_target": 2,
              "member_id": "04040404-0404-0404-0404-040404040404"
            }
            """),
        new(OpCode.SubscribeOk, 5,
            """
            000000430001001f000000000000000000000005
            46534f31000000000000000c000000066f7264657273000000030100000002657500000040010000000764656661756c
            7400017d44b2a093c14f0eb6de10aa55cc77ee
            """,
            """
            {
              "sub_id": "12",
              "topic": "orders",
              "partition": 3,
              "group": "eu",
              "prefetch": 64,
              "consumer_group": "default",
              "consumer_target": null,
              "member_id": "7d44b2a0-93c1-4f0e-b6de-10aa55cc77ee"
            }
            """),
        new(OpCode.SubscribeErr, 6,
            """
            0000004000010020000000000000000000000006
            464552310199000000366f72646572732f3320616c726561647920686173206120737562736372697074696f6e206f6e
            207468697320636f6e6e656374696f6e
            """,
            """
            {
              "code": 409,
              "message": "orders/3 already has a subscription on this connection"
            }
            """),
        new(OpCode.Deliver, 17,
            """
            0000005100010028000000000000000000000011
            46444c31000000000000000b000000017401000000016700000002000000000000006400000000000000050000000000
            000007000000000000000801000000010000000168000000013100000003030201
            """,
            """
            {
              "sub_id": "11",
              "topic": "t",
              "group": "g",
              "partition": 2,
              "offset": "100",
              "delivery_tag": "5",
              "published": "7",
              "publish_received": "8",
              "content_type": {"tag": 1},
              "headers": [["h", "1"]],
              "payload": "030201"
            }
            """),
        new(OpCode.Ack, 17,
            """
            0000002f00010029000000000000000000000011
            46414b31000000066f72646572730000000000000000030000000000002329000000000000232a000000000000232d
            """,
            """
            {
              "topic": "orders",
              "group": null,
              "partition": 0,
              "tags": ["9001", "9002", "9005"]
            }
            """),
        new(OpCode.Nack, 18,
            """
            000000290001002a000000000000000000000012
            464e4b3100000001740100000001670000000100000001000000000000000901010000000000001388
            """,
            """
            {
              "topic": "t",
              "group": "g",
              "partition": 1,
              "tags": ["9"],
              "requeue": true,
              "not_before": "5000"
            }
            """),
        new(OpCode.AssignmentChanged, 19,
            """
            000000340001002b000000000000000000000013
            464143310000000174000000000263670000000000000006000000030000000000000001000000020000000100000002
            00000000
            """,
            """
            {
              "topic": "t",
              "group": null,
              "consumer_group": "cg",
              "generation": "6",
              "assigned": [0, 1, 2],
              "added": [2],
              "revoked": []
            }
            """),
        new(OpCode.Ping, 21,
            """
            0000000000010032000000000000000000000015
            """,
            """
            {}
            """),
        new(OpCode.Pong, 21,
            """
            0000000000010033000000000000000000000015
            """,
            """
            {}
            """),
        new(OpCode.DeclareQueue, 4,
            """
            000000260001003c000000000000000000000004
            46445131000000066f726465727301000000026575010101000000050001000000000036ee80
            """,
            """
            {
              "topic": "orders",
              "group": "eu",
              "dlq_policy": {"tag": 1},
              "dlq_max_retries": 5,
              "partition_count": null,
              "default_message_ttl_ms": "3600000"
            }
            """),
        new(OpCode.DeclareQueueOk, 4,
            """
            000000120001003d000000000000000000000004
            46444b310000000673746f72656400000001
            """,
            """
            {
              "status": "stored",
              "partition_count": 1
            }
            """),
        new(OpCode.DeclarePlexus, 7,
            """
            0000001f0001003e000000000000000000000007
            46445031000000056175646974010000000200000100000000400000000000
            """,
            """
            {
              "topic": "audit",
              "partition_count": 2,
              "durability": 0,
              "retention": {"max_age_ms": null, "max_bytes": "1073741824", "max_records": null},
              "replication_factor": null
            }
            """),
        new(OpCode.DeclarePlexusOk, 7,
            """
            000000120001003f000000000000000000000007
            46504b310000000673746f72656400000002
            """,
            """
            {
              "status": "stored",
              "partition_count": 2
            }
            """),
        new(OpCode.SubscribeStream, 10,
            """
            000000490001004000000000000000000000000a
            46535031000000017400000001010000000263310400000000000004d20000000200000006726567696f6e0000000465
            752d2a000000046b696e64000000056f726465720000001000
            """,
            """
            {
              "topic": "t",
              "partition": 1,
              "durable_name": "c1",
              "start": {"tag": 4, "time_ms": "1234"},
              "filter": [{"header": "region", "pattern": "eu-*"}, {"header": "kind", "pattern": "order"}],
              "prefetch": 16,
              "auto_ack": false
            }
            """),
        new(OpCode.ReconcileClient, 3,
            """
            0000004900010046000000000000000000000003
            465243310000000001000000000000000c000000066f7264657273000000030100000002657500000000400100000007
            64656661756c7400017d44b2a093c14f0eb6de10aa55cc77ee
            """,
            """
            {
              "policy": 0,
              "subscriptions": [
                {
                  "sub_id": "12",
                  "topic": "orders",
                  "partition": 3,
                  "group": "eu",
                  "auto_ack": false,
                  "prefetch": 64,
                  "consumer_group": "default",
                  "consumer_target": null,
                  "member_id": "7d44b2a0-93c1-4f0e-b6de-10aa55cc77ee"
                }
              ]
            }
            """),
        new(OpCode.ReconcileServer, 0,
            """
            0000002500010047000000000000000000000000
            4652533100000001000000000000001f000000046a6f627300000000000100000008000000
            """,
            """
            {
              "subscriptions": [
                {
                  "sub_id": "31",
                  "topic": "jobs",
                  "partition": 0,
                  "group": null,
                  "auto_ack": true,
                  "prefetch": 8,
                  "consumer_group": null,
                  "consumer_target": null,
                  "member_id": null
                }
              ]
            }
            """),
        new(OpCode.ReconcileResult, 3,
            """
            0000006f00010048000000000000000000000003
            465252310000000201000000000000000100000001740000000000000000000800000000010000000e7365727665725f
            6d697373696e67000100000000000000020000000174000000010100000001670100000004000000020000000e636c69
            656e745f6d697373696e6700060007
            """,
            """
            {
              "subscriptions": [
                {
                  "client": {"sub_id": "1", "topic": "t", "partition": 0, "group": null, "auto_ack": false, "prefetch": 8,
                    "consumer_group": null, "consumer_target": null, "member_id": null},
                  "server": null,
                  "action": 1,
                  "reason": "server_missing",
                  "code": 6
                },
                {
                  "client": null,
                  "server": {"sub_id": "2", "topic": "t", "partition": 1, "group": "g", "auto_ack": true, "prefetch": 4,
                    "consumer_group": null, "consumer_target": null, "member_id": null},
                  "action": 2,
                  "reason": "client_missing",
                  "code": 7
                }
              ]
            }
            """),
        new(OpCode.Topology, 11,
            """
            000000060001005a00000000000000000000000b
            465450310000
            """,
            """
            {
              "topic": null,
              "group": null
            }
            """),
        new(OpCode.TopologyOk, 11,
            """
            000000860001005b00000000000000000000000b
            46544f31000000000000000c000000020000000174000000000000000001000000093132372e302e302e311b58000000
            000000000000000001000000020000000174000000010000000000000000000000000100000002000000010000000173
            00000002000000010000000831302e302e302e391bbc00000000000000000000000400000003
            """,
            """
            {
              "generation": "12",
              "queues": [
                {
                  "topic": "t",
                  "partition": 0,
                  "group": null,
                  "owner_endpoints": [{"host": "127.0.0.1", "port": 7000, "tags": []}],
                  "partitioning_version": "1",
                  "partition_count": 2
                },
                {"topic": "t", "partition": 1, "group": null, "owner_endpoints": [], "partitioning_version": "1", "partition_count": 2}
              ],
              "streams": [
                {
                  "topic": "s",
                  "partition": 2,
                  "owner_endpoints": [{"host": "10.0.0.9", "port": 7100, "tags": []}],
                  "partitioning_version": "4",
                  "partition_count": 3
                }
              ]
            }
            """),
        new(OpCode.Redirect, 9,
            """
            0000005d0001005c000000000000000000000009
            46524431000000066f72646572730000000100000000020000001162726f6b65722d622e696e7465726e616c26940000
            000100000008696e7465726e616c0000000d5b323030313a6462383a3a375d2694000000000000000000000004
            """,
            """
            {
              "topic": "orders",
              "partition": 1,
              "group": null,
              "owner_endpoints": [
                {"host": "broker-b.internal", "port": 9876, "tags": ["internal"]},
                {"host": "[2001:db8::7]", "port": 9876, "tags": []}
              ],
              "partitioning_version": "4"
            }
            """),
        new(OpCode.TopologyUpdate, 40,
            """
            0000004500010065000000000000000000000028
            46545531000000000000003900000001000000066f72646572730000000000000000010000000831302e312e322e3326
            940000000000000000000000040000000100000000
            """,
            """
            {
              "generation": "57",
              "queues": [
                {
                  "topic": "orders",
                  "partition": 0,
                  "group": null,
                  "owner_endpoints": [{"host": "10.1.2.3", "port": 9876, "tags": []}],
                  "partitioning_version": "4",
                  "partition_count": 1
                }
              ],
              "streams": []
            }
            """),
        new(OpCode.TopologyUpdateAck, 40,
            """
            0000000c00010066000000000000000000000028
            465441310000000000000039
            """,
            """
            {
              "generation": "57"
            }
            """),
        new(OpCode.GoingAway, 0,
            """
            0000002000010067000000000000000000000000
            464741310000000000003a98000000106e6f6465206d61696e74656e616e6365
            """,
            """
            {
              "grace_ms": "15000",
              "message": "node maintenance"
            }
            """),
        new(OpCode.SubscriptionClosed, 41,
            """
            0000002a00010068000000000000000000000029
            46534331000000000000000c0014000000187175657565206f7264657273207761732064656c65746564
            """,
            """
            {
              "sub_id": "12",
              "code": 20,
              "message": "queue orders was deleted"
            }
            """),
        new(OpCode.Error, 9,
            """
            00000013000100ff000000000000000000000009
            464552310199000000096e6f74206f776e6572
            """,
            """
            {
              "code": 409,
              "message": "not owner"
            }
            """),
        new(OpCode.RenewLease, 20,
            """
            00000027000103e8000000000000000000000014
            46524c31000000066f72646572730000000000000000020000000000002329000000000000232a
            """,
            """
            {
              "topic": "orders",
              "group": null,
              "partition": 0,
              "tags": ["9001", "9002"]
            }
            """),
        new(OpCode.RenewLeaseOk, 20,
            """
            00000018000103e9000000000000000000000014
            464c5231000000000000753000000001000000000000232a
            """,
            """
            {
              "lease_ms": "30000",
              "dead_tags": ["9002"]
            }
            """),
    }.ToDictionary(example => example.OpCode);
}
