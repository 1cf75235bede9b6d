namespace Fibril.Dashboard.Formats;

/// <summary>Numbers of partitions as people read them.</summary>
public static class PartitionText
{
    private const int MostRuns = 12;

    /// <summary><c>0 to 3, 7</c>.</summary>
    /// <param name="partitions">In any order.</param>
    public static string Of(IEnumerable<int> partitions)
    {
        int[] sorted = [.. partitions.Distinct().Order()];
        var runs = new List<string>();
        for (int i = 0; i < sorted.Length;)
        {
            int end = i;
            while (end + 1 < sorted.Length && sorted[end + 1] == sorted[end] + 1) end++;
            runs.Add(end == i ? $"{sorted[i]}" : end == i + 1 ? $"{sorted[i]}, {sorted[end]}" : $"{sorted[i]} to {sorted[end]}");
            i = end + 1;
        }

        return runs.Count <= MostRuns ? string.Join(", ", runs) : $"{string.Join(", ", runs.Take(MostRuns))} and more";
    }
}
