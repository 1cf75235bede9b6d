using Fibril.Client;
using Fibril.Tests.Architecture.Surface;
using Fibril.Tests.Support;

namespace Fibril.Tests.Architecture;

/// <summary>Everything that the specification lists is there and is tested, or is left out for a reason.</summary>
public sealed class SurfaceTests
{
    [Fact]
    public async Task List_program_and_tests_do_not_contradict_each_other()
    {
        SurfacePage page = await ReadAsync();
        string mistakes = string.Join('\n', page.FindMistakes());
        Assert.True(mistakes.Length == 0, mistakes);
    }

    [Fact]
    public async Task The_page_is_up_to_date()
    {
        string page = (await ReadAsync()).Render();
        string path = Repository.PathOf(SurfacePage.PagePath);
        if (Environment.GetEnvironmentVariable(SurfacePage.WriteVariable) == "1") await File.WriteAllTextAsync(path, page);
        bool isCurrent = File.Exists(path) && (await File.ReadAllTextAsync(path)).ReplaceLineEndings("\n") == page;
        Assert.True(isCurrent, $"{SurfacePage.PagePath} is not what list, program and tests say. Run this: {SurfacePage.WriteCommand}");
    }

    /// <summary>Looks at a broker that has a queue and a stream in memory, so that no metric is left out for want of a sample.</summary>
    private static async Task<SurfacePage> ReadAsync()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        await using FibrilClient client = await admin.ConnectAsync();
        await client.DeclareStreamAsync("ticks");
        await client.CreatePublisher("ticks").PublishAsync("tick"u8);
        await client.CreatePublisher("orders").PublishAsync("one"u8);
        return new SurfacePage(Implemented.By(admin));
    }
}
