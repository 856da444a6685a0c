### 패키지, 티어, 컴플라이언스 문구.

## Rail and headings
catalog-nav-packages = 패키지
catalog-packages = 패키지
catalog-packages-lead = 패키지를 쓰는 모든 엔티티와 담당 팀을 찾아요. 버전은 <2.17.1처럼 범위로 쓸 수 있어요.
catalog-packages-all = 전체 패키지

## Search
catalog-packages-name = 이름 (예: log4j-core)
catalog-packages-version = 버전 범위 (예: <2.17.1)
catalog-packages-ecosystem = 생태계
catalog-packages-coverage = 엔티티 { $entities }개의 패키지 { $packages }개를 검색해요. 컴포넌트 { $components }개 중 { $without }개는 SBOM이 없어서 알 수 없어요.
catalog-packages-refused = 이렇게는 검색할 수 없어요
catalog-packages-accepted = 가능한 형식: { $accepted }
catalog-packages-found = 팀 { $owners }개, 영향받는 엔티티 { $entities }개, 패키지 { $packages }개
catalog-packages-none = SBOM이 있는 엔티티 중에는 이 패키지를 쓰는 곳이 없어요
catalog-packages-none-next = SBOM이 없는 엔티티는 쓰고 있을 수 있어요. 이름을 줄이거나 버전을 빼고 검색해 보세요.
catalog-packages-cut = 일부만 표시했어요
catalog-packages-cut-next = 내보내기에는 더 많이 들어 있어요. 이 페이지에서 모두 보려면 이름이나 버전을 좁히세요.
catalog-packages-nobody = 소유자 없음
catalog-packages-package = 패키지
catalog-packages-version-of = 버전
catalog-packages-relation = 포함 경로
catalog-packages-licence = 라이선스
catalog-packages-sbom = SBOM
catalog-packages-sboms = SBOM 목록
catalog-packages-direct = 직접
catalog-packages-transitive = 간접
catalog-packages-transitive-via = 간접 ({ $via } 경유)
catalog-packages-relation-unknown = SBOM에 정보 없음
catalog-packages-not-compared = 비교할 수 없는 버전
catalog-packages-not-compared-note = 이름은 일치하지만 버전만으로는 범위에 드는지 판단할 수 없어요. 직접 확인해 주세요.
catalog-packages-no-version = SBOM에 버전이 없어요
catalog-packages-distribution = 배포판은 버전 순서 규칙이 따로 있어서 같은지만 판단해요
catalog-packages-no-order = 해시, 브랜치, 단어처럼 순서가 없는 버전이에요
catalog-packages-count = 패키지 { $count }개
catalog-packages-rest = 전체 패키지 데이터

## Nothing there
catalog-packages-empty = 아직 SBOM을 지정한 엔티티가 없어요
catalog-packages-empty-next = 빌드가 카탈로그 파일 옆에 SBOM(CycloneDX 또는 SPDX JSON)을 만들게 하고, 어노테이션으로 지정하세요.
catalog-packages-unread = SBOM을 아직 읽지 못했어요
catalog-packages-unread-next = 계속 이 상태라면 개요에서 원인을 확인하세요.

## Tiers and compliance
catalog-tier = 티어
catalog-slo = SLO
catalog-compliance = 컴플라이언스
catalog-tier-badge = 티어 { $tier }
catalog-slo-badge = SLO { $slo }%
catalog-from-tag = { $value } (태그 { $name })
catalog-from-label = { $value } (레이블 { $name })
catalog-from-annotation = { $value } (어노테이션 { $name })
catalog-slo-value = { $slo }%, 30일 오류 예산 { $budget }
catalog-budget-days = { $count }일
catalog-budget-hours = { $count }시간
catalog-budget-minutes = { $count }분
catalog-budget-seconds = { $count }초
