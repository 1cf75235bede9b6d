using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Protocol.Vectors;

/// <summary>Bodies every client must refuse, and bodies of older peers it must accept; made from the golden messages.</summary>
internal static class MalformedBodies
{
    internal static IReadOnlyList<OlderExample> Older { get; } =
    [
        CutBack("publish_without_ttl", "publish_minimal", 1),
        CutBack("declare_queue_without_ttl", "declare_queue_minimal", 1),
        CutBack("reconcile_result_without_codes", Uncoded()),
    ];

    internal static IReadOnlyList<MalformedExample> All { get; } =
    [
        new("empty_body", OpCode.Topology, DecodeFault.WrongMagic, ""),
        new("magic_only", OpCode.Hello, DecodeFault.PastEnd, "46484c31"),
        new("body_where_none_belongs", OpCode.AuthOk, DecodeFault.TrailingBytes, "46414f31"),
        Broken("magic_of_another_operation", "topology_ok_full", DecodeFault.WrongMagic, b => Set(b, 2, 0x55)),
        Broken("magic_in_lower_case", "ack_full", DecodeFault.WrongMagic, b => Set(b, 0, 0x66)),
        Broken("last_byte_missing", "deliver_full", DecodeFault.PastEnd, b => b[..^1]),
        Broken("one_byte_too_many", "deliver_full", DecodeFault.TrailingBytes, b => [.. b, 0x00]),
        Broken("one_byte_after_trailing_option", "publish_full", DecodeFault.TrailingBytes, b => [.. b, 0x00]),
        Broken("trailing_option_without_value", "declare_queue_minimal", DecodeFault.PastEnd, b => Set(b, b.Length - 1, 0x01)),
        Broken("code_list_cut_short", "reconcile_result_full", DecodeFault.PastEnd, b => b[..^2]),
        Broken("one_code_too_many", "reconcile_result_full", DecodeFault.TrailingBytes, b => [.. b, 0x00, 0x08]),
        Broken("code_without_verdict", "reconcile_result_minimal", DecodeFault.TrailingBytes, b => [.. b, 0x00, 0x01]),
        Broken("text_length_past_end", "auth_full", DecodeFault.PastEnd, b => Set(b, 4, 0xFF, 0xFF, 0xFF, 0xFF)),
        Broken("text_length_one_too_many", "declare_queue_ok", DecodeFault.PastEnd, b => Set(b, 4, 0x00, 0x00, 0x00, 0x0B)),
        Broken("payload_length_past_end", "deliver_custom_type", DecodeFault.PastEnd, b => Set(b, b.Length - 5, 0x80, 0x00, 0x00, 0x00)),
        Broken("tag_count_past_end", "ack_minimal", DecodeFault.PastEnd, b => Set(b, b.Length - 4, 0xFF, 0xFF, 0xFF, 0xFF)),
        Broken("tag_count_one_too_many", "ack_full", DecodeFault.PastEnd, b => Set(b, 29, 0x00, 0x00, 0x00, 0x04)),
        Broken("renewal_tag_count_past_end", "renew_lease_minimal", DecodeFault.PastEnd, b => Set(b, b.Length - 4, 0xFF, 0xFF, 0xFF, 0xFF)),
        Broken("dead_tag_count_one_too_many", "renew_lease_ok_full", DecodeFault.PastEnd, b => Set(b, 12, 0x00, 0x00, 0x00, 0x03)),
        Broken("renewal_with_a_bool_behind", "renew_lease_full", DecodeFault.TrailingBytes, b => [.. b, 0x01]),
        Broken("header_count_past_end", "publish_minimal", DecodeFault.PastEnd, b => Set(b, 16, 0x7F, 0xFF, 0xFF, 0xFF)),
        Broken("route_count_past_end", "topology_ok_minimal", DecodeFault.PastEnd, b => Set(b, 12, 0xFF, 0xFF, 0xFF, 0xFF)),
        Broken("subscription_count_past_end", "reconcile_client_minimal", DecodeFault.PastEnd, b => Set(b, 5, 0x00, 0x00, 0x00, 0x01)),
        Broken("bool_2", "subscribe_minimal", DecodeFault.UndefinedBool, b => Set(b, 18, 0x02)),
        Broken("bool_255", "nack_minimal", DecodeFault.UndefinedBool, b => Set(b, b.Length - 2, 0xFF)),
        Broken("option_2", "topology_minimal", DecodeFault.UndefinedOption, b => Set(b, 4, 0x02)),
        Broken("trailing_option_2", "publish_minimal", DecodeFault.UndefinedOption, b => Set(b, b.Length - 1, 0x02)),
        Broken("resume_option_2", "hello_minimal", DecodeFault.UndefinedOption, b => Set(b, b.Length - 1, 0x02)),
        Broken("content_type_5", "publish_minimal", DecodeFault.UndefinedValue, b => Set(b, 15, 0x05)),
        Broken("resume_outcome_5", "hello_ok_new", DecodeFault.UndefinedValue, b => Set(b, 54, 0x05)),
        Broken("durability_3", "declare_plexus_minimal", DecodeFault.UndefinedValue, b => Set(b, 10, 0x03)),
        Broken("stream_start_5", "subscribe_stream_latest", DecodeFault.UndefinedValue, b => Set(b, 14, 0x05)),
        Broken("dead_letter_policy_3", "declare_queue_discard", DecodeFault.UndefinedValue, b => Set(b, 18, 0x03)),
        Broken("reconcile_policy_2", "reconcile_client_full", DecodeFault.UndefinedValue, b => Set(b, 4, 0x02)),
        Broken("reconcile_action_4", "reconcile_result_unknown_code", DecodeFault.UndefinedValue, b => Set(b, 43, 0x04)),
        Broken("utf8_lone_continuation", "going_away_full", DecodeFault.InvalidUtf8, b => Set(b, 16, 0x80)),
        Broken("utf8_cut_short", "error_full", DecodeFault.InvalidUtf8, b => Set(b, b.Length - 1, 0xC3)),
        Broken("utf8_overlong", "subscribe_full", DecodeFault.InvalidUtf8, b => Set(b, 8, 0xC0, 0xAF)),
        Broken("utf8_surrogate", "subscribe_full", DecodeFault.InvalidUtf8, b => Set(b, 8, 0xED, 0xA0, 0x80)),
        Broken("utf8_in_header_value", "deliver_full", DecodeFault.InvalidUtf8, b => Set(b, b.Length - 9, 0xFF)),
        Broken("utf8_in_custom_type", "publish_custom_type", DecodeFault.InvalidUtf8, b => Set(b, 31, 0xFE)),
    ];

    private static OlderExample CutBack(string name, string golden, int trailingBytes)
    {
        GoldenMessage full = GoldenMessages.Named(golden);
        return new OlderExample(name, full.OpCode, Hex.Text(full.Body.AsSpan(..^trailingBytes)), Hex.Text(full.Body));
    }

    private static OlderExample CutBack(string name, byte[] body) =>
        new(name, OpCode.ReconcileResult, Hex.Text(body.AsSpan(..^2)), Hex.Text(body));

    /// <summary>One verdict with code 0, which is what a missing code means.</summary>
    private static byte[] Uncoded() => Set(GoldenMessages.Named("reconcile_result_unknown_code").Body, ^2, 0x00, 0x00);

    private static MalformedExample Broken(string name, string golden, DecodeFault fault, Func<byte[], byte[]> damage)
    {
        GoldenMessage sound = GoldenMessages.Named(golden);
        return new MalformedExample(name, sound.OpCode, fault, Hex.Text(damage(sound.Body)));
    }

    private static byte[] Set(byte[] body, Index at, params ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(body.AsSpan(at));
        return body;
    }
}
