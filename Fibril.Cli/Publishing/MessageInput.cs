namespace Fibril.Cli.Publishing;

/// <summary>Where messages come from when they are not on the command line.</summary>
internal static class MessageInput
{
    /// <summary>Most bytes of one message: what the client sends at most, less what a message carries besides its payload.</summary>
    public const int MostMessageBytes = (64 << 20) - (64 << 10);

    private const int BlockBytes = 256 << 10;

    /// <exception cref="CliException">It cannot be read.</exception>
    public static Stream Open(PublishRequest request, CliContext context)
    {
        if (request.Path is not { } path) return context.OpenInput();
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            string? remedy = Directory.Exists(path) ? "It is a directory; name a file." : null;
            throw new CliException(ExitCode.Failure, $"the file {path} cannot be read", remedy, fault);
        }
    }

    /// <exception cref="CliException">It is too long for one message.</exception>
    public static async Task<byte[]> ReadAllAsync(Stream input, CancellationToken cancellationToken)
    {
        using var content = new MemoryStream();
        byte[] block = new byte[BlockBytes];
        while (true)
        {
            // A read of a terminal or pipe ends with its writer only, so it is left alone when nobody waits for it any more.
            int count = await input.ReadAsync(block, CancellationToken.None).AsTask().WaitAsync(cancellationToken);
            if (count == 0) return content.ToArray();
            content.Write(block, 0, count);
            if (content.Length > MostMessageBytes)
            {
                throw new CliException(
                    ExitCode.Failure, $"the input is longer than {MostMessageBytes} bytes, the most that fits into one message",
                    "Publish its lines one by one with --lines, or store it elsewhere and publish where it is.");
            }
        }
    }
}
