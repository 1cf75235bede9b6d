using Fibril.Tests.Support;

namespace Fibril.Tests.Protocol.Sessions;

/// <summary>One whole session byte for byte, in both directions and without a codec: whatever changes on the wire shows here.</summary>
public class TranscriptTests
{
    // Header: body length, version, operation, flags, request id.
    private const string Topic = "00000006 6f7264657273";             // orders
    private const string Group = "01 00000002 6575";                  // eu
    private const string Headers = "00000003 782d61 00000001 31";     // x-a: 1
    private const string FirstTag = "000cdbb6d5400000";               // the clock's 1767225600000, eleven bits to the left
    private const string SecondTag = "000cdbb6d5400001";
    private const string Published = "00000000499602d2";
    private const string Received = "0000019b76daa800";

    [Fact]
    public async Task Hello_to_ack()
    {
        await using var broker = new SessionHarness();
        RawPeer peer = broker.Accept();

        await SaysAsync("00000013 0001 0001 00000000 0000000000000001  46484c31 00000003 726177 00000001 31 0001 00");
        await HearsAsync(
            "0000007c 0001 0002 00000000 0000000000000001  46484f31 0001"
            + new string('?', 2 * 48) // owner, client and token
            + "00 00000006 66696272696c"
            + "00000037 763d313b6c6963656e73653d4d49543b61695f747261696e3d646973616c6c6f7765643b706f6c6963793d41495f504f4c4943592e6d64");

        await SaysAsync("00000018 0001 000a 00000000 0000000000000002  46415531 00000006 66696272696c 00000006 66696272696c");
        await HearsAsync("00000000 0001 000b 00000000 0000000000000002");

        // DECLARE_QUEUE: policy discard, 3 retries, 2 partitions, no time to live.
        await SaysAsync($"00000022 0001 003c 00000000 0000000000000003  46445131 {Topic} {Group} 01 00 01 00000003 01 00000002 00");
        await HearsAsync("00000012 0001 003d 00000000 0000000000000003  46444b31 00000006 73746f726564 00000002");

        // PUBLISH: partition 1, confirmed, json, no key, version 0, {}, no time to live.
        await SaysAsync(
            $"00000043 0001 0014 00000000 0000000000000004  46504231 {Topic} {Group} 00000001 01 02 00000001 {Headers} {Published} 00"
            + "0000000000000000 00000002 7b7d 00");
        await HearsAsync("0000000c 0001 0019 00000000 0000000000000004  46504f31 0000000000000000");

        // SUBSCRIBE with prefetch 0, which is 1.
        await SaysAsync($"00000021 0001 001e 00000000 0000000000000005  46534231 {Topic} 00000001 {Group} 00000000 00 00 00 00");
        await HearsAsync(
            $"00000028 0001 001f 00000000 0000000000000005  46534f31 0000000000000001 {Topic} 00000001 {Group} 00000001 00 00 00"
            + $"00000058 0001 0028 00000000 0000000000000000  46444c31 0000000000000001 {Topic} {Group} 00000001 0000000000000000"
            + $"{FirstTag} {Published} {Received} 02 00000001 {Headers} 00000002 7b7d");

        // NACK with requeue: the next delivery says so.
        await SaysAsync($"00000027 0001 002a 00000000 0000000000000000  464e4b31 {Topic} {Group} 00000001 00000001 {FirstTag} 01 00");
        await HearsAsync(
            $"0000006f 0001 0028 00000000 0000000000000001  46444c31 0000000000000001 {Topic} {Group} 00000001 0000000000000000"
            + $"{SecondTag} {Published} {Received} 02 00000002 0000000e 66696272696c2e72657472696573 00000001 31 {Headers} 00000002 7b7d");

        await SaysAsync($"00000025 0001 0029 00000000 0000000000000001  46414b31 {Topic} {Group} 00000001 00000001 {SecondTag}");
        await SaysAsync("00000000 0001 0032 00000000 0000000000000006");
        await HearsAsync("00000000 0001 0033 00000000 0000000000000006");

        await SaysAsync("00000006 0001 005a 00000000 0000000000000007  46545031 00 00");
        await HearsAsync(
            "0000005e 0001 005b 00000000 0000000000000007  46544f31 0000000000000001 00000002"
            + $"{Topic} 00000000 {Group} 00000000 0000000000000000 00000002"
            + $"{Topic} 00000001 {Group} 00000000 0000000000000000 00000002 00000000");

        // RECONCILE_CLIENT, conservative, with an empty list: the subscription is dropped, code 7.
        await SaysAsync("00000009 0001 0046 00000000 0000000000000008  46524331 00 00000000");
        await HearsAsync(
            $"00000044 0001 0048 00000000 0000000000000008  46525231 00000001 00 01 0000000000000001 {Topic} 00000001 {Group} 00 00000001"
            + "00 00 00 02 0000000e 636c69656e745f6d697373696e67 0007");

        await peer.CloseAsync();
        await peer.WhenEndedAsync();
        Assert.Empty(peer.Transcript[_heard..]);

        async Task SaysAsync(string hex) => await peer.SendRawAsync(Hex.Bytes(hex));

        async Task HearsAsync(string pattern)
        {
            string expected = pattern.Replace(" ", "", StringComparison.Ordinal);
            int bytes = expected.Length / 2;
            for (int waits = 0; peer.ReceivedBytes < _heard + bytes && waits < 3000; waits++)
                await Task.Delay(5, TestContext.Current.CancellationToken);

            string actual = Hex.Text(peer.Transcript.AsSpan(_heard));
            string masked = string.Concat(actual.Select((digit, index) => index < expected.Length && expected[index] == '?' ? '?' : digit));
            Assert.Equal(expected, masked);
            _heard += bytes;
        }
    }

    private int _heard;
}
