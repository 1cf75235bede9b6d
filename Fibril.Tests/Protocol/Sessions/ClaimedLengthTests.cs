using Fibril.Protocol;
using Fibril.Tests.Protocol.Vectors;
using Fibril.Tests.Support;

namespace Fibril.Tests.Protocol.Sessions;

/// <summary>Nothing is allocated for a length because somebody wrote it down.</summary>
[Collection(MeasuresTheProcess.Name)]
public sealed class ClaimedLengthTests
{
    [Fact]
    public async Task Lengths_that_are_only_claimed_cost_no_memory() // V-3, FRM-5, F-19, 1.7
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        var claimants = new List<RawPeer>();
        long before = GC.GetTotalAllocatedBytes(precise: true);
        for (int i = 0; i < 100; i++)
        {
            RawPeer peer = await broker.ConnectAsync();
            var start = new byte[2000];
            new FrameHeader(60 << 20, OpCode.Publish, 1).Write(start);
            await peer.SendRawAsync(start);
            await peer.WhenReadByBrokerAsync();
            claimants.Add(peer);
        }

        long allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        Assert.True(allocated < 60 << 20, $"{allocated} bytes were allocated for {claimants.Count} claims of 60 MiB.");

        // Counts and lengths inside of bodies: header maps, tag lists, texts, subscription lists.
        RawPeer last = claimants[^1];
        await last.CloseAsync();
        last = await broker.ConnectAsync();
        before = GC.GetTotalAllocatedBytes(precise: true);
        foreach (MalformedExample claim in MalformedBodies.All.Where(static example => example.Fault == DecodeFault.PastEnd))
        {
            await last.SendFrameAsync(claim.OpCode, 3, Hex.Bytes(claim.Body));
            await last.ExpectErrorAsync(3, ErrorCode.Invalid);
        }

        allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        Assert.True(allocated < 20 << 20, $"{allocated} bytes were allocated for lengths that were only claimed.");
        await last.ExpectSilenceAsync();
    }
}
