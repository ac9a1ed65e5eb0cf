// The textbook shortest-path search that bench/spf.ts is measured against: adjacency in arrays,
// a binary heap (std::priority_queue) with entries left behind. Once with distances and parents, as
// in the textbook; once with distances and the next hops of all shortest paths in place of parents,
// a bit per edge of the root (64 at most), which is what a router needs and what our tree holds.
// Standard input: vertices, edges, root, repeats; then per edge its source, target and cost.
// Standard output, for either: median nanoseconds of one search, their spread, and a check: the sum
// of all distances, and the number of all next hops.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <queue>
#include <utility>
#include <vector>

const uint32_t infinite = 0xffffffff;

struct Graph {
  int n;
  std::vector<int> start, target, length;
};

/** What a search finds: parents or next hops, the other is empty. */
struct Tree {
  std::vector<uint32_t> distance;
  std::vector<int> parent;
  std::vector<uint64_t> hops;
};

struct Found {
  double nanoseconds, spread;
  uint64_t check;
};

template <bool nextHops>
Tree search(const Graph &graph, int root) {
  std::vector<uint32_t> distance(graph.n, infinite);
  std::vector<int> parent(nextHops ? 0 : graph.n, -1);
  std::vector<uint64_t> hops(nextHops ? graph.n : 0, 0);
  using Entry = std::pair<uint32_t, int>;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<Entry>> queue;
  distance[root] = 0;
  queue.push({0, root});
  while (!queue.empty()) {
    auto [near, v] = queue.top();
    queue.pop();
    if (near != distance[v]) continue;
    for (int e = graph.start[v]; e < graph.start[v + 1]; e++) {
      uint32_t far = near + graph.length[e];
      int w = graph.target[e];
      if (far < distance[w]) {
        distance[w] = far;
        if (nextHops) hops[w] = v == root ? 1ull << (e - graph.start[v]) : hops[v];
        else parent[w] = v;
        queue.push({far, w});
      } else if (nextHops && far == distance[w]) {
        hops[w] |= v == root ? 1ull << (e - graph.start[v]) : hops[v];
      }
    }
  }
  return {std::move(distance), std::move(parent), std::move(hops)};
}

uint64_t checkOf(const Tree &tree, bool nextHops) {
  uint64_t check = 0;
  for (size_t v = 0; v < tree.distance.size(); v++) {
    if (tree.distance[v] == infinite) continue;
    check += nextHops ? __builtin_popcountll(tree.hops[v]) : tree.distance[v];
  }
  return check;
}

template <bool nextHops>
Found timed(const Graph &graph, int root, int repeats) {
  std::vector<double> times;
  uint64_t check = 0;
  for (int r = 0; r < repeats; r++) {
    auto began = std::chrono::steady_clock::now();
    Tree tree = search<nextHops>(graph, root);
    auto ended = std::chrono::steady_clock::now();
    times.push_back(std::chrono::duration<double, std::nano>(ended - began).count());
    check = checkOf(tree, nextHops);
  }
  std::sort(times.begin(), times.end());
  auto at = [&](double share) { return times[static_cast<size_t>(share * (times.size() - 1))]; };
  return {at(0.5), (at(0.75) - at(0.25)) / 2 / at(0.5), check};
}

int main() {
  int n, m, root, repeats;
  if (std::scanf("%d %d %d %d", &n, &m, &root, &repeats) != 4) return 1;
  std::vector<int> from(m), to(m), cost(m);
  Graph graph{n, std::vector<int>(n + 1, 0), std::vector<int>(m), std::vector<int>(m)};
  for (int e = 0; e < m; e++) {
    if (std::scanf("%d %d %d", &from[e], &to[e], &cost[e]) != 3) return 1;
    graph.start[from[e] + 1]++;
  }
  for (int v = 0; v < n; v++) graph.start[v + 1] += graph.start[v];
  std::vector<int> fill(graph.start.begin(), graph.start.end() - 1);
  for (int e = 0; e < m; e++) {
    int at = fill[from[e]]++;
    graph.target[at] = to[e];
    graph.length[at] = cost[e];
  }
  Found found[] = {timed<false>(graph, root, repeats), timed<true>(graph, root, repeats)};
  for (const Found &f : found) {
    std::printf("%.0f %.4f %llu\n", f.nanoseconds, f.spread,
                static_cast<unsigned long long>(f.check));
  }
  return 0;
}
