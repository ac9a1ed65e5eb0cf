// The textbook shortest-path search that bench/spf.ts is measured against: adjacency in arrays,
// a binary heap (std::priority_queue) with entries left behind, distances and parents.
// Standard input: vertices, edges, root, repeats; then per edge its source, target and cost.
// Standard output: median nanoseconds of one search, and the sum of all distances reached.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <queue>
#include <utility>
#include <vector>

int main() {
  int n, m, root, repeats;
  if (std::scanf("%d %d %d %d", &n, &m, &root, &repeats) != 4) return 1;
  std::vector<int> from(m), to(m), cost(m), start(n + 1, 0), target(m), length(m);
  for (int e = 0; e < m; e++) {
    if (std::scanf("%d %d %d", &from[e], &to[e], &cost[e]) != 3) return 1;
    start[from[e] + 1]++;
  }
  for (int v = 0; v < n; v++) start[v + 1] += start[v];
  std::vector<int> fill(start.begin(), start.end() - 1);
  for (int e = 0; e < m; e++) {
    int at = fill[from[e]]++;
    target[at] = to[e];
    length[at] = cost[e];
  }
  const uint32_t infinite = 0xffffffff;
  std::vector<double> times;
  uint64_t sum = 0;
  for (int r = 0; r < repeats; r++) {
    auto began = std::chrono::steady_clock::now();
    std::vector<uint32_t> distance(n, infinite);
    std::vector<int> parent(n, -1);
    using Entry = std::pair<uint32_t, int>;
    std::priority_queue<Entry, std::vector<Entry>, std::greater<Entry>> queue;
    distance[root] = 0;
    queue.push({0, root});
    while (!queue.empty()) {
      auto [near, v] = queue.top();
      queue.pop();
      if (near != distance[v]) continue;
      for (int e = start[v]; e < start[v + 1]; e++) {
        uint32_t far = near + length[e];
        int w = target[e];
        if (far < distance[w]) {
          distance[w] = far;
          parent[w] = v;
          queue.push({far, w});
        }
      }
    }
    auto ended = std::chrono::steady_clock::now();
    times.push_back(std::chrono::duration<double, std::nano>(ended - began).count());
    sum = 0;
    for (int v = 0; v < n; v++) if (distance[v] != infinite) sum += distance[v] + (parent[v] < -1);
  }
  std::sort(times.begin(), times.end());
  auto at = [&](double share) { return times[static_cast<size_t>(share * (times.size() - 1))]; };
  std::printf("%.0f %.4f %llu\n", at(0.5), (at(0.75) - at(0.25)) / 2 / at(0.5),
              static_cast<unsigned long long>(sum));
  return 0;
}
